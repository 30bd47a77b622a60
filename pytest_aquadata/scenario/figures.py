"""Published figures of a realism profile: what a source says, and between which values a farm has to show it."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field, model_validator


class Figure(BaseModel):
    """One published figure. A figure of months is about each monthly mean, any other about the whole."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    geography: str | None = Field(None, description="Name of the geography it is about; none: all")
    min: float | None = Field(None, description="Least value")
    max: float | None = Field(None, description="Greatest value")
    each_month: bool = Field(False, description="Whether min and max are about each month's mean")
    by_month: tuple[float, ...] = Field((), description="Published means of the twelve months, January first, instead of min and max")
    within: float = Field(0, ge=0, description="How far a month's mean may lie from the published one")
    unit: str = Field(min_length=1)
    source: str = Field(min_length=10, description="Who published it, and what they say")

    @model_validator(mode="after")
    def _whole(self) -> Figure:
        if self.by_month and (len(self.by_month) != 12 or self.min is not None or self.max is not None):
            raise ValueError("a figure by month has twelve values, and neither min nor max")
        if not self.by_month and self.min is None and self.max is None:
            raise ValueError("a figure has min, max or by_month")
        if self.min is not None and self.max is not None and self.min > self.max:
            raise ValueError(f"min {self.min:g} is above max {self.max:g}")
        return self

    def about(self, geography: str, month: int | None) -> bool:
        """Whether it is about a value of this geography, and of this month (1 to 12; None for a value of all months)."""
        return self.geography in (None, geography) and (month is not None) == (self.each_month or bool(self.by_month))

    def bounds(self, month: int | None) -> tuple[float | None, float | None]:
        """Least and greatest value; None is no bound. month: 1 to 12, for figures of months."""
        if self.by_month and month is not None:
            return self.by_month[month - 1] - self.within, self.by_month[month - 1] + self.within
        return self.min, self.max
