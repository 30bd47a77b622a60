"""The standard criteria: what every build can be held against, by name.

A scenario declares criteria by these names; verification has one check for each.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

ALL = "standard"
"""The word for all of them in a scenario, beside which some can be given bounds of their own."""

STANDARD: Mapping[str, str] = MappingProxyType(
    {
        "world": "stations, areas, containers, sensors, silos, companies and policies are there as planned",
        "master_data": "stages, feeds, parameters, types, users and models are there as the profile says",
        "rows": "every table holds exactly the rows that the plan computed",
        "containers": "no container is held by two batches on one day",
        "day_91_population": "fish of each batch on its 91st day, as a share of its eggs: the first move doubles none",
        "survival": "fish alive on the last day, as a share of the eggs",
        "harvest_weight": "mean weight at harvest of each harvested batch, g",
        "harvest_lots": "every ring's harvest graded, gutted and filleted as the profile says, and sold to its buyer",
        "fcr": "kg of feed per kg of gain, by batch and stage",
        "feed_stock": "feed bought = feed eaten + feed in stock, never negative, and every meal has a cost",
        "statuses": "batches and assignments are open or closed as their dates say",
        "pinned_scenarios": "every batch has its own scenario with a projection, pinned to it",
        "stages": "every batch is in the stage of its age, and went through the stages in order",
        "geographies": "batches per geography as planned, each standing only in containers of its own geography",
        "occupancy": "containers held on each day as planned, and no pool fuller than its saturation",
        "orphans": "no row refers to something that is not there",
        "uniqueness": "names are made of their batch's number and belong to one thing each, and nothing is recorded twice",
        "time_order": "nothing happens before a batch's start, after its last day, or in a container that it is not in",
        "workflows": "every arrival and every move has its workflow, whole, and every container its action",
        "conservation": "fish are conserved at every move, and every harvest is the sum of its lots",
        "mortality": "deaths as the profile's daily loss and chance make them, in number and spread",
        "readings": "every sensor read at every declared time, around the declared value, with the declared spread and shape",
        "finance": "a fact for every lot and a transaction for every sale between companies, of the right site, policy and day",
        "money": "a harvest is sold for what its smolts and their feed at sea have cost, plus the markup, to the cent",
        "growth_samples": "samples on the due days, statistics of their own fish, weights and lengths spread as the profile says",
        "health_samples": "health samplings on the due days, fish that belong together, scores in the profile's shares",
        "lice": "every ring counted, lice as time at sea, season and treatments make them, of the declared kinds and spread",
        "treatments": "every container treated on the planned days, withholding over before the harvest",
        "journal": "routine observations, and an entry for every treatment",
        "daily_states": "a state for every container and day, no fish counted twice, equal to what the database alone gives again",
    }
)
"""One-line description of each standard criterion, in the order in which they are checked."""

FIGURES: Mapping[str, str] = MappingProxyType(
    {
        "figure_freshwater_survival": "smolts put to sea, as a share of the eggs",
        "figure_sea_survival": "fish harvested, as a share of the smolts put to sea",
        "figure_smolt_weight": "mean weight of the smolts put to sea, g",
        "figure_days_at_sea": "days from the transfer to sea to the harvest",
        "figure_sea_growth": "thermal growth coefficient at sea, from the weights and the water that sensors read",
        "figure_sea_fcr": "kg of feed per kg of gain at sea, the dead fish's gain included",
        "figure_economic_fcr": "kg of feed over the whole life per kg of fish harvested",
        "figure_harvest_weight": "mean live weight of the fish harvested in a geography, g",
        "figure_sea_temperature": "mean sea temperature of each month, and of the year, that sensors read",
        "figure_lice": "adult female salmon lice per fish, mean of all counts",
        "figure_lice_peak": "adult female salmon lice per fish that one in fifty counts of a batch passes",
        "figure_sea_density": "kg of fish per cubic metre of the fullest ring",
    }
)
"""Criteria of the published figures that a realism profile declares, with what each measures.

`standard` stands for those, too, of which the scenario's profile has a figure.
"""
