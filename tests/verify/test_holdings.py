"""Criteria `world` and `master_data`: every table that they name is compared, value by value, and more rows than planned disturb nobody."""

from __future__ import annotations

import pytest
from small_farm import Farm

from pytest_aquadata.verify import master_data, world
from pytest_aquadata.verify.holdings import Holding

ALL = [("world", holding) for holding in world.HOLDINGS] + [("master_data", holding) for holding in master_data.HOLDINGS]

HARM = {
    "geographies": "UPDATE infrastructure_geography SET name = 'Iceland' WHERE name = 'Faroe Islands'",
    "freshwater stations": "UPDATE infrastructure_freshwaterstation SET latitude = 0 WHERE id = 1",
    "halls": "UPDATE infrastructure_hall SET freshwater_station_id = 2 WHERE id = 1",
    "sea areas": "UPDATE infrastructure_area SET max_biomass = max_biomass / 2 WHERE id = 3",
    "containers": "UPDATE infrastructure_container SET active = false WHERE id = 7",
    "silos and barges": "UPDATE infrastructure_feedcontainer SET capacity_kg = 1 WHERE id = 4",
    "sensors": "UPDATE infrastructure_sensor SET container_id = container_id + 1 WHERE id = 9",
    "companies": "UPDATE finance_dimcompany SET currency = 'NOK' WHERE company_id = 1",
    "sites": "UPDATE finance_dimsite SET company_id = 2 WHERE company_id = 1 AND site_id = 1",
    "intercompany policies": "UPDATE finance_intercompanypolicy SET price_per_kg = 150 WHERE price_per_kg = 15",
    "users": "DELETE FROM auth_user WHERE username = 'vet_01'",
    "species": "UPDATE batch_species SET scientific_name = 'Salmo trutta'",
    "lifecycle stages": "UPDATE batch_lifecyclestage SET expected_weight_max_g = 8 WHERE name = 'Adult'",
    "feeds": "UPDATE inventory_feed SET name = 'Starter Feed 0,5mm' WHERE name = 'Starter Feed 0.5mm'",
    "egg suppliers": "DELETE FROM broodstock_eggsupplier WHERE name = 'AquaGen Norway'",
    "environmental parameters": "UPDATE environmental_environmentalparameter SET max_value = 99 WHERE name = 'pH'",
    "product grades": "UPDATE harvest_productgrade SET code = 'GRADE_D' WHERE code = 'GRADE_C'",
    "vaccination types": "UPDATE health_vaccinationtype SET dosage = '5 ml' WHERE name = 'PD'",
    "reasons of death": "DELETE FROM health_mortalityreason WHERE name = 'Predation'",
    "sample types": "DELETE FROM health_sampletype WHERE name = 'Gill Sample'",
    "health parameters": "UPDATE health_healthparameter SET name = 'Gills' WHERE name = 'Gill Health'",
    "scores of the health parameters": "DELETE FROM health_parameterscoredefinition WHERE id = 36",
    "lice types": "DELETE FROM health_licetype WHERE id = 15",
    "shared temperature profiles": "DELETE FROM scenario_temperaturereading WHERE reading_id = 450",
    "shared growth models": "UPDATE scenario_tgc_model_stage SET tgc_value = 10 WHERE id = 6",
    "feed conversion by stage": "UPDATE scenario_fcrmodelstage SET fcr_value = 10 WHERE id = 3",
    "losses by stage": "UPDATE scenario_mortality_model_stage SET daily_rate_percent = 1 WHERE id = 2",
    "biological constraints": "UPDATE scenario_stage_constraint SET max_freshwater_weight_g = 50 WHERE lifecycle_stage = 'fry'",
}
"""For each table a change that its holding has to notice."""


@pytest.mark.parametrize(("criterion", "holding"), ALL, ids=lambda value: value if isinstance(value, str) else value.what)
def test_each_table_is_compared(farm: Farm, criterion: str, holding: Holding) -> None:
    farm.do(HARM[holding.what])
    verdict = farm.fails(criterion, expected=holding.what)
    assert verdict.columns == (*holding.columns, "found")


@pytest.mark.parametrize(("criterion", "holding"), ALL, ids=lambda value: value if isinstance(value, str) else value.what)
def test_each_planned_row_is_known_by_its_key(farm: Farm, criterion: str, holding: Holding) -> None:
    rows = list(holding.planned(farm.plan))
    assert rows
    assert len({row[: holding.key] for row in rows}) == len(rows)


def test_missing_and_changed_rows_are_told_apart(farm: Farm) -> None:
    farm.do("UPDATE infrastructure_feedcontainer SET capacity_kg = 1 WHERE id = 4")
    farm.do("UPDATE infrastructure_feedcontainer SET name = 'Silo of old' WHERE id = 5")
    verdict = farm.fails("world", expected="1 missing, 1 with other values")
    assert {row[-1] for row in verdict.rows} == {"missing", "(" + "'SILO', 1.0, True)"}


def test_more_than_planned_is_nobodys_fault(farm: Farm) -> None:
    farm.do("INSERT INTO health_sampletype (name, description) VALUES ('Scale Sample', 'Scales')")
    farm.do("UPDATE health_vaccinationtype SET description = 'as our vet words it'")
    assert farm.check("master_data").state == "pass"
