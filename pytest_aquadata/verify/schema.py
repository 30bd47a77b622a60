"""What verification knows of the tables: how a row belongs to its batch, and which row each key points at.

The keys are listed here and not read from the catalogue, because foreign keys may have been set aside, or lost, when they are verified.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from pytest_aquadata.streams.third_party import own_tables, way_to_batch

BATCH = "batch_batch"
ASSIGNMENT = "batch_batchcontainerassignment"
READING = "environmental_environmentalreading"

_KEYS_NOT_ID = {
    "finance_dimcompany": "company_id",
    "finance_dimsite": "site_id",
    "finance_factharvest": "fact_id",
    "finance_intercompanypolicy": "policy_id",
    "finance_intercompanytransaction": "tx_id",
    "scenario": "scenario_id",
    "scenario_fcrmodel": "model_id",
    "scenario_mortalitymodel": "model_id",
    "scenario_scenarioprojection": "projection_id",
    "scenario_temperatureprofile": "profile_id",
    "scenario_temperaturereading": "reading_id",
    "scenario_tgcmodel": "model_id",
}


def key_of(table: str) -> str:
    """The column by which other tables refer to a table's rows."""
    other = own_tables().get(table)
    return other.key if other is not None else _KEYS_NOT_ID.get(table, "id")


@dataclass(frozen=True, slots=True)
class Parent:
    """One step from a row towards its batch: `column` of the table is `target` of the parent.

    downward: the parent points at the row (a scenario at its models) and not the row at its parent.
    """

    column: str
    table: str
    target: str = "id"
    downward: bool = False


_OF_BATCH = Parent("batch_id", BATCH)


def _steps_of_others() -> dict[str, Parent]:
    """The same for the tables of other packages' streams, as they declare them."""
    ways = {name: way_to_batch(table) for name, table in own_tables().items()}
    return {name: Parent(*way) for name, way in ways.items() if way is not None}


PARENTS: Mapping[str, Parent] = {
    **_steps_of_others(),
    "batch_actualdailyassignmentstate": _OF_BATCH,
    "batch_batchcontainerassignment": _OF_BATCH,
    "batch_batchtransferworkflow": _OF_BATCH,
    "batch_creationaction": Parent("workflow_id", "batch_creationworkflow"),
    "batch_creationworkflow": _OF_BATCH,
    "batch_growthsample": Parent("assignment_id", ASSIGNMENT),
    "batch_individualgrowthobservation": Parent("growth_sample_id", "batch_growthsample"),
    "batch_mortalityevent": _OF_BATCH,
    "batch_transferaction": Parent("workflow_id", "batch_batchtransferworkflow"),
    "environmental_environmentalreading": _OF_BATCH,
    "finance_factharvest": Parent("event_id", "harvest_harvestevent"),
    "harvest_harvestevent": _OF_BATCH,
    "harvest_harvestlot": Parent("event_id", "harvest_harvestevent"),
    "health_fishparameterscore": Parent("individual_fish_observation_id", "health_individualfishobservation"),
    "health_healthsamplingevent": Parent("assignment_id", ASSIGNMENT),
    "health_individualfishobservation": Parent("sampling_event_id", "health_healthsamplingevent"),
    "health_journalentry": _OF_BATCH,
    "health_licecount": _OF_BATCH,
    "health_treatment": _OF_BATCH,
    "inventory_feedingevent": _OF_BATCH,
    "scenario": _OF_BATCH,
    "scenario_scenarioprojection": Parent("scenario_id", "scenario", "scenario_id"),
    "scenario_temperatureprofile": Parent("profile_id", "scenario_tgcmodel", "profile_id", downward=True),
    "scenario_temperaturereading": Parent("profile_id", "scenario_temperatureprofile", "profile_id"),
    "scenario_tgc_model_stage": Parent("tgc_model_id", "scenario_tgcmodel", "model_id"),
    "scenario_tgcmodel": Parent("model_id", "scenario", "tgc_model_id", downward=True),
}
"""For every table that can hold rows of batches, one step towards the batch. Intercompany transactions need two, see `volume`."""

SHARED = frozenset({"scenario_temperatureprofile", "scenario_temperaturereading", "scenario_tgc_model_stage", "scenario_tgcmodel"})
"""Tables in which a batch may use rows of the farm in place of its own."""


_PLACE = {"container_id": "infrastructure_container"}
_STAY = {"batch_id": BATCH, "assignment_id": ASSIGNMENT}
_USER = "auth_user"
_STAGE = "batch_lifecyclestage"

KEYS: Mapping[str, Mapping[str, str]] = {
    **{name: table.keys for name, table in own_tables().items()},
    "batch_actualdailyassignmentstate": {**_STAY, **_PLACE, "lifecycle_stage_id": _STAGE},
    "batch_batch": {
        "lifecycle_stage_id": _STAGE,
        "species_id": "batch_species",
        "pinned_scenario_id": "scenario",
    },
    "batch_batchcontainerassignment": {"batch_id": BATCH, **_PLACE, "lifecycle_stage_id": _STAGE},
    "batch_batchtransferworkflow": {
        "batch_id": BATCH,
        "completed_by_id": _USER,
        "dest_lifecycle_stage_id": _STAGE,
        "finance_transaction_id": "finance_intercompanytransaction",
        "initiated_by_id": _USER,
        "source_lifecycle_stage_id": _STAGE,
    },
    "batch_creationaction": {
        "dest_assignment_id": ASSIGNMENT,
        "executed_by_id": _USER,
        "workflow_id": "batch_creationworkflow",
    },
    "batch_creationworkflow": {
        "batch_id": BATCH,
        "cancelled_by_id": _USER,
        "created_by_id": _USER,
        "egg_production_id": "broodstock_eggproduction",
        "external_supplier_id": "broodstock_eggsupplier",
    },
    "batch_growthsample": {"assignment_id": ASSIGNMENT},
    "batch_individualgrowthobservation": {"growth_sample_id": "batch_growthsample"},
    "batch_lifecyclestage": {"species_id": "batch_species"},
    "batch_mortalityevent": dict(_STAY),
    "batch_transferaction": {
        "dest_assignment_id": ASSIGNMENT,
        "executed_by_id": _USER,
        "source_assignment_id": ASSIGNMENT,
        "workflow_id": "batch_batchtransferworkflow",
    },
    "broodstock_eggproduction": {"destination_station_id": "infrastructure_freshwaterstation"},
    "environmental_environmentalreading": {
        "batch_id": BATCH,
        **_PLACE,
        "parameter_id": "environmental_environmentalparameter",
        "recorded_by_id": _USER,
        "sensor_id": "infrastructure_sensor",
        "batch_container_assignment_id": ASSIGNMENT,
    },
    "finance_dimcompany": {"geography_id": "infrastructure_geography"},
    "finance_dimsite": {"company_id": "finance_dimcompany"},
    "finance_factharvest": {
        "dim_company_id": "finance_dimcompany",
        "dim_site_id": "finance_dimsite",
        "event_id": "harvest_harvestevent",
        "lot_id": "harvest_harvestlot",
        "product_grade_id": "harvest_productgrade",
    },
    "finance_intercompanypolicy": {
        "from_company_id": "finance_dimcompany",
        "product_grade_id": "harvest_productgrade",
        "to_company_id": "finance_dimcompany",
        "lifecycle_stage_id": _STAGE,
    },
    "finance_intercompanytransaction": {
        "event_id": "harvest_harvestevent",
        "policy_id": "finance_intercompanypolicy",
        "content_type_id": "django_content_type",
        "approved_by_id": _USER,
    },
    "harvest_harvestevent": {**_STAY, "dest_geography_id": "infrastructure_geography"},
    "harvest_harvestlot": {"event_id": "harvest_harvestevent", "product_grade_id": "harvest_productgrade"},
    "health_fishparameterscore": {
        "individual_fish_observation_id": "health_individualfishobservation",
        "parameter_id": "health_healthparameter",
    },
    "health_healthsamplingevent": {"assignment_id": ASSIGNMENT, "sampled_by_id": _USER},
    "health_individualfishobservation": {"sampling_event_id": "health_healthsamplingevent"},
    "health_journalentry": {"batch_id": BATCH, **_PLACE, "user_id": _USER},
    "health_licecount": {**_STAY, **_PLACE, "user_id": _USER, "lice_type_id": "health_licetype"},
    "health_parameterscoredefinition": {"parameter_id": "health_healthparameter"},
    "health_treatment": {
        "batch_id": BATCH,
        "batch_assignment_id": ASSIGNMENT,
        **_PLACE,
        "user_id": _USER,
        "vaccination_type_id": "health_vaccinationtype",
        "sampling_event_id": "health_healthsamplingevent",
        "journal_entry_id": "health_journalentry",
    },
    "infrastructure_area": {"geography_id": "infrastructure_geography"},
    "infrastructure_container": {
        "area_id": "infrastructure_area",
        "container_type_id": "infrastructure_containertype",
        "hall_id": "infrastructure_hall",
    },
    "infrastructure_feedcontainer": {"area_id": "infrastructure_area", "hall_id": "infrastructure_hall"},
    "infrastructure_freshwaterstation": {"geography_id": "infrastructure_geography"},
    "infrastructure_hall": {"freshwater_station_id": "infrastructure_freshwaterstation"},
    "infrastructure_sensor": dict(_PLACE),
    "inventory_feedcontainerstock": {
        "feed_container_id": "infrastructure_feedcontainer",
        "feed_purchase_id": "inventory_feedpurchase",
    },
    "inventory_feedingevent": {
        "batch_id": BATCH,
        "batch_assignment_id": ASSIGNMENT,
        **_PLACE,
        "feed_id": "inventory_feed",
        "recorded_by_id": _USER,
    },
    "inventory_feedpurchase": {"feed_id": "inventory_feed"},
    "scenario": {
        "batch_id": BATCH,
        "created_by_id": _USER,
        "fcr_model_id": "scenario_fcrmodel",
        "mortality_model_id": "scenario_mortalitymodel",
        "tgc_model_id": "scenario_tgcmodel",
        "biological_constraints_id": "scenario_biological_constraints",
    },
    "scenario_biological_constraints": {"created_by_id": _USER},
    "scenario_fcr_model_stage_override": {"fcr_stage_id": "scenario_fcrmodelstage"},
    "scenario_fcrmodelstage": {"model_id": "scenario_fcrmodel", "stage_id": _STAGE},
    "scenario_mortality_model_stage": {"mortality_model_id": "scenario_mortalitymodel"},
    "scenario_scenarioprojection": {"current_stage_id": _STAGE, "scenario_id": "scenario"},
    "scenario_stage_constraint": {"constraint_set_id": "scenario_biological_constraints"},
    "scenario_temperaturereading": {"profile_id": "scenario_temperatureprofile"},
    "scenario_tgc_model_stage": {"tgc_model_id": "scenario_tgcmodel"},
    "scenario_tgcmodel": {"profile_id": "scenario_temperatureprofile"},
}
"""For every table, its foreign keys: column by the table that it points at."""


@dataclass(frozen=True, slots=True)
class SoftKey:
    """A whole number that is a key without a constraint.

    only: for which rows `k` of the table it points at `target`; a column that points at different tables has a soft key for each.
    """

    column: str
    target: str
    only: str = "true"


def _of_content_type(target: str, app: str, model: str) -> SoftKey:
    kind = f"SELECT FROM django_content_type c WHERE c.id = k.content_type_id AND (c.app_label, c.model) = ('{app}', '{model}')"
    return SoftKey("object_id", target, f"EXISTS ({kind})")


SOFT_KEYS: Mapping[str, tuple[SoftKey, ...]] = {
    "finance_factharvest": (SoftKey("dim_batch_id", BATCH),),
    "finance_intercompanytransaction": (
        _of_content_type("batch_batchtransferworkflow", "batch", "batchtransferworkflow"),
        _of_content_type("harvest_harvestevent", "harvest", "harvestevent"),
    ),
}
"""For every table of batches that has any, its keys that the schema does not know of."""
