"""Factories of money: companies, sites, price policies, harvest facts and what companies owe each other."""

from __future__ import annotations

from decimal import Decimal

from pytest_aquadata.factories.base import FarmFactory, StampedFactory, day, related
from pytest_aquadata.factories.harvest import HarvestEventFactory, HarvestLotFactory, ProductGradeFactory
from pytest_aquadata.factories.infrastructure import GeographyFactory
from pytest_aquadata.factories.untyped import factory
from pytest_aquadata.factories.users import ContentTypeFactory
from pytest_aquadata.plan import masterdata

_FINANCE = masterdata.document("finance")
_NAMES = {subsidiary["code"]: subsidiary["name"] for subsidiary in _FINANCE["subsidiaries"]}
_TERMS = _FINANCE["policies"]["harvest"]


class DimCompanyFactory(FarmFactory):
    """The farming company of a geography, unless `subsidiary` says otherwise."""

    class Meta:
        """Table finance_dimcompany."""

        model = "finance.DimCompany"

    geography = factory.SubFactory(GeographyFactory)
    subsidiary = "FM"
    display_name = factory.LazyAttribute(
        lambda company: f"{company.geography.name if company.geography else ''} {_NAMES[company.subsidiary]}".strip()
    )
    currency = "EUR"
    nav_company_code = None


class DimSiteFactory(FarmFactory):
    """A sea area as a site of a company."""

    class Meta:
        """Table finance_dimsite."""

        model = "finance.DimSite"

    company = factory.SubFactory(DimCompanyFactory)
    source_model = _FINANCE["sites"]["area"]["source"]
    source_pk = factory.Sequence(lambda n: 1_000_000 + n)
    site_name = factory.LazyAttribute(lambda site: f"Area {site.source_pk}")


class IntercompanyPolicyFactory(StampedFactory):
    """The price of a harvested grade between farming and sales."""

    class Meta:
        """Table finance_intercompanypolicy."""

        model = "finance.IntercompanyPolicy"

    from_company = factory.SubFactory(DimCompanyFactory, subsidiary=_TERMS["from"])
    to_company = factory.SubFactory(DimCompanyFactory, geography=factory.SelfAttribute("..from_company.geography"), subsidiary=_TERMS["to"])
    pricing_basis = _TERMS["pricing_basis"]
    method = _TERMS["method"]
    product_grade = factory.SubFactory(ProductGradeFactory)
    lifecycle_stage = None
    markup_percent = Decimal(_TERMS["markup_percent"])
    price_per_kg = None
    price_per_thousand_eggs = None


class FactHarvestFactory(StampedFactory):
    """The harvest fact of one lot."""

    class Meta:
        """Table finance_factharvest."""

        model = "finance.FactHarvest"

    lot = factory.SubFactory(HarvestLotFactory)
    event = related("lot.event")
    product_grade = related("lot.product_grade")
    quantity_kg = related("lot.live_weight_kg")
    unit_count = related("lot.unit_count")
    dim_site = factory.SubFactory(DimSiteFactory)
    dim_company = related("dim_site.company")
    dim_batch_id = factory.LazyAttribute(lambda fact: fact.event.batch_id or 1)
    event_date = factory.SelfAttribute("clock")


class IntercompanyTransactionFactory(StampedFactory):
    """What a harvest costs the buying company."""

    class Meta:
        """Table finance_intercompanytransaction."""

        model = "finance.IntercompanyTransaction"

    event = factory.SubFactory(HarvestEventFactory)
    policy = factory.SubFactory(IntercompanyPolicyFactory)
    content_type = factory.SubFactory(ContentTypeFactory)
    object_id = factory.LazyAttribute(lambda transaction: (transaction.event and transaction.event.pk) or 1)
    posting_date = day()
    amount = Decimal("55000.00")
    currency = "EUR"
    state = "pending"
    approved_by = None
    approval_date = None
