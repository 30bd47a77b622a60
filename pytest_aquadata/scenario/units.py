"""Words to values: '13 days', '85 %', '3.0M..3.78M', '4.5..6.5 kg', '06:00', '9.5 °C'.

Every function takes what YAML gives (text or number) and returns whole numbers of the smallest unit wherever the plan
counts in whole numbers, computed in decimals so that '3.78M' is 3780000 and nothing near it. What cannot be read is
refused with a `Wrong` that shows how it is written.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal

_QUANTITY = re.compile(r"([-+]?(?:\d[\d_]*)(?:\.\d+)?)\s*([^\d\s.+-]\S*)?")
_CLOCK = re.compile(r"([01]?\d|2[0-3]):([0-5]\d)(?::00)?")

DAYS: Mapping[str, int] = {"": 1, "d": 1, "day": 1, "days": 1, "w": 7, "week": 7, "weeks": 7}
YEARS: Mapping[str, int] = {"": 1, "y": 1, "year": 1, "years": 1}
COUNTS: Mapping[str, int] = {"": 1, "k": 1_000, "M": 1_000_000}
GRAMS: Mapping[str, int] = {"g": 1, "kg": 1_000}

FIRST_DATE, LAST_DATE = date(1980, 1, 1), date(2099, 12, 31)
"""Dates outside are taken for slips of the pen."""


class Wrong(ValueError):
    """What is wrong with one value, and a hint that shows what would be right (may be empty)."""

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.hint = hint


def show(value: object) -> str:
    """A value as a message names it: text in quotes, cut to a readable length."""
    if not isinstance(value, str):
        return str(value).lower() if isinstance(value, bool) else str(value)
    text = " ".join(value.split())
    return f"'{text if len(text) <= 40 else text[:37] + '...'}'"


def not_truth(value: object) -> object:
    """The value, unless it is true or false, which is no number."""
    if isinstance(value, bool):
        raise Wrong(f"{show(value)} is not a number")
    return value


def _quantity(value: object, what: str, hint: str) -> tuple[Decimal, str]:
    """Number and unit ('' for none) of a text or number."""
    if isinstance(value, bool) or not isinstance(value, int | float | str | Decimal):
        kind = "a list" if isinstance(value, list | tuple) else "a mapping" if isinstance(value, dict) else show(value)
        raise Wrong("has no value" if value is None else f"{kind} is not {what}", hint)
    match = _QUANTITY.fullmatch(str(value).strip()) if not isinstance(value, float) else None
    if isinstance(value, float):
        exact = Decimal(str(value))
        if not exact.is_finite():
            raise Wrong(f"{show(value)} is not {what}", hint)
        return exact, ""
    if match is None or len(match[1]) > 30:
        raise Wrong(f"{show(value)} is not {what}", hint)
    return Decimal(match[1].replace("_", "")), match[2] or ""


def _scaled(value: object, units: Mapping[str, int], what: str, hint: str) -> Decimal:
    number, unit = _quantity(value, what, hint)
    if unit not in units:
        raise Wrong(f"{show(value)} is not {what}" if unit else f"{show(value)} has no unit", hint)
    return number * units[unit]


def _whole(number: Decimal, value: object, what: str, hint: str) -> int:
    if number != int(number):
        raise Wrong(f"{show(value)} is not a whole number of {what}", hint)
    return int(number)


def days(value: object) -> int:
    """Days from 13, '13', '13 days', '2 weeks'."""
    hint = "write it like '13 days' or '2 weeks'"
    return _whole(_scaled(value, DAYS, "a number of days", hint), value, "days", hint)


def years(value: object) -> float:
    """Years from 4.25, '4.25 years'."""
    return float(_scaled(value, YEARS, "a number of years", "write it like '4.25 years'"))


def share(value: object) -> float:
    """A share above 0 and up to 1, from 0.85 or '85 %'."""
    number, unit = _quantity(value, "a share", "write it like '85 %' or 0.85")
    if unit not in ("", "%"):
        raise Wrong(f"{show(value)} is not a share", "write it like '85 %' or 0.85")
    part = number / 100 if unit else number
    if not 0 < part <= 1:
        meant = f"did you mean '{value} %'?" if not unit and 1 < number <= 100 else "a share lies above 0 % and up to 100 %"
        raise Wrong(f"{show(value)} is not between 0 and 1", meant)
    return float(part)


def bound(value: object) -> float:
    """A bound of a criterion: a plain number, '83 %' as 0.83, '4.5 kg' as 4500, '3.5M', '2 days'."""
    hint = "write a number, '83 %', '4.5 kg' or '3.5M'"
    number, unit = _quantity(value, "a bound", hint)
    if unit == "%":
        return float(number / 100)
    for units in (COUNTS, GRAMS, DAYS):
        if unit in units:
            return float(number * units[unit])
    raise Wrong(f"{show(value)} is not a bound", hint)


def _pair(value: object, units: Mapping[str, int], what: str, of: str, hint: str) -> tuple[int, int]:
    """Both ends of 'low..high unit'; one value alone is both ends. A unit after the second end alone holds for both."""
    if not isinstance(value, str) or ".." not in value:
        only = _whole(_scaled(value, units, what, hint), value, of, hint)
        return only, only
    first, second = value.split("..", 1)
    if not second.strip().replace("_", "")[:1].isdigit():
        raise Wrong(f"{show(value)} is not a range", hint)
    high, unit = _quantity(second, what, hint)
    low, own = _quantity(first, what, hint)
    own = own or unit
    if own not in units or unit not in units:
        raise Wrong(f"{show(value)} is not {what}" if own or unit else f"{show(value)} has no unit", hint)
    ends = _whole(low * units[own], value, of, hint), _whole(high * units[unit], value, of, hint)
    if ends[0] > ends[1]:
        raise Wrong(f"{show(value)}: the low end is above the high end", f"did you mean '{second.strip()}..{first.strip()}'?")
    return ends


def counts(value: object) -> tuple[int, int]:
    """Low and high number from '3.5M', '3.0M..3.78M', '3.0..3.78M', 3500000."""
    return _pair(value, COUNTS, "a number", "fish", "write it like '3.5M' or '3.0M..3.78M'")


def grams(value: object) -> tuple[int, int]:
    """Low and high weight in g from '4.5..6.5 kg', '5 kg', '4500 g'."""
    return _pair(value, GRAMS, "a weight", "grams", "write it like '4.5..6.5 kg', '5 kg' or '4500 g'")


def minutes(value: object) -> int:
    """Minutes since midnight from '06:00'."""
    match = _CLOCK.fullmatch(value.strip()) if isinstance(value, str) else None
    if match is None:
        whole_hour = isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 24
        raise Wrong(
            f"{show(value)} is not a time of day",
            f"did you mean {value:02d}:00?" if whole_hour else "write it like 06:00",
        )
    return int(match[1]) * 60 + int(match[2])


def millidegrees(value: object) -> int:
    """A water temperature in thousandths of a degree C, from 9, 9.5 or '9.5 °C'; -2 to 30 °C."""
    hint = "write degrees Celsius: one number, or a list of twelve monthly means"
    number, unit = _quantity(value, "a temperature", hint)
    if unit not in ("", "°C", "C"):
        raise Wrong(f"{show(value)} is not a temperature", hint)
    if not -2 <= number <= 30:
        raise Wrong(f"{show(value)} is not a water temperature", "-2 to 30 °C")
    return int((number * 1000).to_integral_value())


def day(value: object, today: date | None = None) -> date:
    """A date from '2025-11-21', or `today` (where one is given) from the word 'today'."""
    hint = "write it like 2025-11-21" + (" or today" if today else "")
    if value is None:
        raise Wrong("has no value", hint)
    if today is not None and isinstance(value, str) and value.strip().lower() == "today":
        return today
    result = value if isinstance(value, date) and not isinstance(value, datetime) else None
    if isinstance(value, str) and re.fullmatch(r"\d{4}-\d{2}-\d{2}", value.strip()):
        try:
            result = date.fromisoformat(value.strip())
        except ValueError:
            raise Wrong(f"{show(value)} is not a day of the calendar", hint) from None
    if result is None:
        raise Wrong(f"{show(value)} is not a date", hint)
    if not FIRST_DATE <= result <= LAST_DATE:
        raise Wrong(f"{show(value)} is too far away", f"{FIRST_DATE} to {LAST_DATE}")
    return result
