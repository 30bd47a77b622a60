"""Finance: companies and sites, harvest facts, policies and transactions between companies.

Tables, columns and constraints are those of the application that the farm stands for, so that its queries run unchanged.
"""

from __future__ import annotations

from django.db import models

from pytest_aquadata.farm.base import Stamped, Subsidiary


class DimCompany(models.Model):
    """A subsidiary in one geography."""

    company_id = models.BigAutoField(primary_key=True)
    geography = models.ForeignKey("infrastructure.Geography", on_delete=models.PROTECT)
    subsidiary = models.CharField(max_length=3, choices=Subsidiary.choices)
    display_name = models.CharField(max_length=150)
    currency = models.CharField(max_length=3, null=True, blank=True)
    nav_company_code = models.CharField(max_length=50, null=True, blank=True)

    class Meta:
        """Table finance_dimcompany."""

        db_table = "finance_dimcompany"
        constraints = [models.UniqueConstraint(fields=["geography", "subsidiary"], name="finance_dimcompany_uniq")]

    def __str__(self) -> str:
        return self.display_name


class DimSite(models.Model):
    """A station or an area as finance sees it; `source_pk` is its id."""

    class Source(models.TextChoices):
        """What the site is."""

        STATION = "station"
        AREA = "area"

    site_id = models.BigAutoField(primary_key=True)
    company = models.ForeignKey(DimCompany, on_delete=models.PROTECT)
    source_model = models.CharField(max_length=16, choices=Source.choices)
    source_pk = models.PositiveIntegerField()
    site_name = models.CharField(max_length=150)

    class Meta:
        """Table finance_dimsite."""

        db_table = "finance_dimsite"
        constraints = [models.UniqueConstraint(fields=["source_model", "source_pk"], name="finance_dimsite_uniq")]

    def __str__(self) -> str:
        return self.site_name


class FactHarvest(Stamped):
    """A harvest lot as finance sees it; `dim_batch_id` is the batch's id."""

    fact_id = models.BigAutoField(primary_key=True)
    dim_company = models.ForeignKey(DimCompany, on_delete=models.PROTECT)
    dim_site = models.ForeignKey(DimSite, on_delete=models.PROTECT)
    event = models.ForeignKey("harvest.HarvestEvent", on_delete=models.CASCADE)
    lot = models.OneToOneField("harvest.HarvestLot", on_delete=models.CASCADE)
    product_grade = models.ForeignKey("harvest.ProductGrade", on_delete=models.PROTECT)
    event_date = models.DateTimeField()
    quantity_kg = models.DecimalField(max_digits=12, decimal_places=3)
    unit_count = models.PositiveIntegerField()
    dim_batch_id = models.PositiveIntegerField()

    class Meta:
        """Table finance_factharvest."""

        db_table = "finance_factharvest"
        indexes = [
            models.Index(fields=["dim_company", "product_grade"], name="factharvest_company_grade_ix"),
            models.Index(fields=["event_date"], name="factharvest_date_ix"),
        ]

    def __str__(self) -> str:
        return f"{self.quantity_kg} kg from {self.dim_site}"


class IntercompanyPolicy(Stamped):
    """What one company pays another, for a product grade or a life cycle stage."""

    class Method(models.TextChoices):
        """How the price is found."""

        STANDARD = "standard"
        COST_PLUS = "cost_plus"

    class Basis(models.TextChoices):
        """What the price goes by."""

        GRADE = "grade"
        LIFECYCLE = "lifecycle"

    policy_id = models.BigAutoField(primary_key=True)
    from_company = models.ForeignKey(DimCompany, on_delete=models.PROTECT, related_name="policies_out")
    product_grade = models.ForeignKey("harvest.ProductGrade", on_delete=models.PROTECT, null=True, blank=True)
    to_company = models.ForeignKey(DimCompany, on_delete=models.PROTECT, related_name="policies_in")
    lifecycle_stage = models.ForeignKey("batch.LifeCycleStage", on_delete=models.PROTECT, null=True, blank=True)
    method = models.CharField(max_length=20, choices=Method.choices)
    markup_percent = models.DecimalField(max_digits=6, decimal_places=3, null=True, blank=True)
    pricing_basis = models.CharField(max_length=20, choices=Basis.choices, default=Basis.GRADE)
    price_per_kg = models.DecimalField(max_digits=10, decimal_places=2, null=True, blank=True)
    price_per_thousand_eggs = models.DecimalField(max_digits=10, decimal_places=2, null=True, blank=True)

    class Meta:
        """Table finance_intercompanypolicy."""

        db_table = "finance_intercompanypolicy"

    def __str__(self) -> str:
        return f"{self.from_company} to {self.to_company}"


class IntercompanyTransaction(Stamped):
    """What one company owes another for a harvest or a transfer, by a policy."""

    tx_id = models.BigAutoField(primary_key=True)
    event = models.ForeignKey("harvest.HarvestEvent", on_delete=models.SET_NULL, null=True, blank=True)
    policy = models.ForeignKey(IntercompanyPolicy, on_delete=models.PROTECT)
    content_type = models.ForeignKey("contenttypes.ContentType", on_delete=models.PROTECT)
    approved_by = models.ForeignKey("auth.User", on_delete=models.SET_NULL, null=True, blank=True)
    posting_date = models.DateField()
    amount = models.DecimalField(max_digits=14, decimal_places=2, null=True, blank=True)
    currency = models.CharField(max_length=3, null=True, blank=True)
    state = models.CharField(max_length=20)
    object_id = models.PositiveIntegerField()
    approval_date = models.DateTimeField(null=True, blank=True)

    class Meta:
        """Table finance_intercompanytransaction."""

        db_table = "finance_intercompanytransaction"
        constraints = [models.UniqueConstraint(fields=["content_type", "object_id", "policy"], name="finance_intercompanytransaction_uniq")]
        indexes = [
            models.Index(fields=["content_type", "object_id"], name="intercompany_ctype_object_ix"),
            models.Index(fields=["posting_date"], name="intercompany_date_ix"),
            models.Index(fields=["state", "posting_date"], name="intercompany_state_date_ix"),
        ]

    def __str__(self) -> str:
        return f"{self.amount} {self.currency} on {self.posting_date}"
