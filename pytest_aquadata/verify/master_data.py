"""Criterion `master_data`: what the farm knows before its first batch is there, with the values of the scenario's profile.

Stages, feeds, parameters, grades, vaccines, lice, reasons, users and the models behind scenarios: everything that the scripts of old had to
be run for first. Descriptions are not compared; they are a user's to word.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from pytest_aquadata.plan import masterdata
from pytest_aquadata.plan.losses import loss_models
from pytest_aquadata.plan.numbering import Plan
from pytest_aquadata.plan.simulation import Batch
from pytest_aquadata.plan.stages import stage_values
from pytest_aquadata.plan.temperature import daily_millidegrees
from pytest_aquadata.scenario.criteria import CriterionSpec
from pytest_aquadata.verify.base import Connection, Verdict
from pytest_aquadata.verify.holdings import Holding, Row, check_holdings


def _names(what: str, table: str, entries: tuple[str, str], *columns: str, column: str = "name") -> Holding:
    """A table whose rows are the entries of a list in a data file; `columns` are called the same in both, after the name."""
    document, group = entries

    def planned(plan: Plan) -> Iterator[Row]:
        return (tuple(entry[name] for name in (column, *columns)) for entry in masterdata.document(document)[group])

    return Holding(what, (column, *columns), planned, f"SELECT {', '.join((column, *columns))} FROM {table}")


def _feeds(plan: Plan) -> Iterator[Row]:
    for feed in masterdata.document("biology")["feeds"]:
        yield feed["name"], feed["size_category"], feed["pellet_size_mm"], feed["protein"], feed["fat"], feed["carbohydrate"], True


def _parameters(plan: Plan) -> Iterator[Row]:
    for parameter in masterdata.document("environment")["parameters"]:
        yield parameter["name"], parameter["unit"], *parameter["limits"], *parameter["optimal"]


def _scores(plan: Plan) -> Iterator[Row]:
    labels = masterdata.document("health")["score_labels"]
    return ((name, score, label) for name in masterdata.health_parameters() for score, label in enumerate(labels))


def _stages(plan: Plan) -> Iterator[Row]:
    return ((stage.name, stage.order, *stage.weights, stage.days) for stage in stage_values(plan.simulation.profile))


def _fcr(plan: Plan) -> Iterator[Row]:
    name = masterdata.document("scenario_models")["fcr_model"]["name"]
    return ((name, stage.name, stage.fcr, stage.days) for stage in stage_values(plan.simulation.profile))


def _growth(plan: Plan) -> Iterator[Row]:
    name = masterdata.document("scenario_models")["tgc_model"]["name"]
    for geography in plan.simulation.world.takers:
        for stage in stage_values(plan.simulation.profile.at(geography.spec.kin)):
            yield name.format(geography=geography.name), stage.key, stage.tgc


def _mortality(plan: Plan) -> Iterator[Row]:
    for model in loss_models(plan.simulation.world, plan.simulation.profile):
        for stage in stage_values(model.profile):
            yield model.name, stage.key, stage.daily_percent, stage.weekly_percent


def _constraints(plan: Plan) -> Iterator[Row]:
    name = masterdata.document("scenario_models")["constraint_set"]["name"]
    for stage in stage_values(plan.simulation.profile):
        yield name, stage.key, *stage.weights, *stage.temperatures, stage.days, stage.freshwater_cap


def _temperatures(plan: Plan) -> Iterator[Row]:
    """Days and sum of each shared profile of the geographies of the scenario, thousandths of a degree."""
    terms = masterdata.document("scenario_models")["temperature_profiles"]
    first = date(terms["reference_year"], 1, 1)
    for site in plan.simulation.calendar.sites:
        for water, monthly in (("sea", site.climate.sea), ("freshwater", site.climate.freshwater)):
            daily = daily_millidegrees(monthly, first, terms["days"])
            yield terms[water].format(geography=site.geography.name), len(daily), int(daily.sum())


HOLDINGS = (
    _names("users", "auth_user", ("people", "users"), "is_staff", "is_superuser", column="username"),
    _names("species", "batch_species", ("biology", "species"), "scientific_name"),
    Holding(
        "lifecycle stages",
        ("stage", "order", "expected_weight_min_g", "expected_weight_max_g", "typical_duration_days"),
        _stages,
        'SELECT name, "order", expected_weight_min_g, expected_weight_max_g, typical_duration_days FROM batch_lifecyclestage',
    ),
    Holding(
        "feeds",
        ("feed", "size_category", "pellet_size_mm", "protein_percentage", "fat_percentage", "carbohydrate_percentage", "is_active"),
        _feeds,
        """SELECT name, size_category, pellet_size_mm, protein_percentage, fat_percentage, carbohydrate_percentage, is_active
FROM inventory_feed""",
    ),
    _names("egg suppliers", "broodstock_eggsupplier", ("biology", "egg_suppliers"), "certifications"),
    Holding(
        "environmental parameters",
        ("parameter", "unit", "min_value", "max_value", "optimal_min", "optimal_max"),
        _parameters,
        "SELECT name, unit, min_value, max_value, optimal_min, optimal_max FROM environmental_environmentalparameter",
    ),
    _names("product grades", "harvest_productgrade", ("finance", "grades"), "name", column="code"),
    _names("vaccination types", "health_vaccinationtype", ("health", "vaccination_types"), "manufacturer", "dosage"),
    _names("reasons of death", "health_mortalityreason", ("health", "mortality_reasons")),
    _names("sample types", "health_sampletype", ("health", "sample_types")),
    _names("health parameters", "health_healthparameter", ("health", "health_parameters")),
    Holding(
        "scores of the health parameters",
        ("parameter", "score_value", "label"),
        _scores,
        """SELECT p.name, d.score_value, d.label
FROM health_parameterscoredefinition d JOIN health_healthparameter p ON p.id = d.parameter_id""",
        key=2,
    ),
    Holding(
        "lice types",
        ("species", "gender", "development_stage"),
        lambda plan: masterdata.lice_types(),
        "SELECT species, gender, development_stage FROM health_licetype",
        key=3,
    ),
    Holding(
        "shared temperature profiles",
        ("profile", "days", "sum of temperatures, thousandths of a degree"),
        _temperatures,
        """SELECT p.name, count(*), round(sum(r.temperature::numeric) * 1000)
FROM scenario_temperatureprofile p JOIN scenario_temperaturereading r ON r.profile_id = p.profile_id
GROUP BY p.profile_id, p.name""",
    ),
    Holding(
        "shared growth models",
        ("model", "lifecycle_stage", "tgc_value"),
        _growth,
        """SELECT m.name, s.lifecycle_stage, s.tgc_value
FROM scenario_tgc_model_stage s JOIN scenario_tgcmodel m ON m.model_id = s.tgc_model_id""",
        key=2,
    ),
    Holding(
        "feed conversion by stage",
        ("model", "stage", "fcr_value", "duration_days"),
        _fcr,
        """SELECT m.name, l.name, s.fcr_value::numeric, s.duration_days
FROM scenario_fcrmodelstage s
  JOIN scenario_fcrmodel m ON m.model_id = s.model_id
  JOIN batch_lifecyclestage l ON l.id = s.stage_id""",
        key=2,
    ),
    Holding(
        "losses by stage",
        ("model", "lifecycle_stage", "daily_rate_percent", "weekly_rate_percent"),
        _mortality,
        """SELECT m.name, s.lifecycle_stage, s.daily_rate_percent, s.weekly_rate_percent
FROM scenario_mortality_model_stage s JOIN scenario_mortalitymodel m ON m.model_id = s.mortality_model_id""",
        key=2,
    ),
    Holding(
        "biological constraints",
        (
            "set",
            "lifecycle_stage",
            "min_weight_g",
            "max_weight_g",
            "min_temperature_c",
            "max_temperature_c",
            "typical_duration_days",
            "max_freshwater_weight_g",
        ),
        _constraints,
        """SELECT b.name, s.lifecycle_stage, s.min_weight_g, s.max_weight_g, s.min_temperature_c, s.max_temperature_c,
  s.typical_duration_days, s.max_freshwater_weight_g
FROM scenario_stage_constraint s JOIN scenario_biological_constraints b ON b.id = s.constraint_set_id""",
        key=2,
    ),
)
"""Master data table by table, each with the values that batches depend on."""


@dataclass(frozen=True, slots=True)
class MasterData:
    """The plan's stages, feeds, parameters, types, users and models are in the database."""

    name: str = "master_data"
    farm_wide: bool = False

    def check(self, conn: Connection, plan: Plan, spec: CriterionSpec, built: Sequence[Batch]) -> Verdict:
        """Compare master data table by table."""
        expected = "stages, feeds, parameters, types, users and models of the plan, with the profile's values"
        return check_holdings(conn, plan, HOLDINGS, built, expected)
