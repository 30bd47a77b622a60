"""Wrong files and wrong settings of the command line, with the exact words that each gives; and the page of the documentation made of them.

``python tests/scenario/gallery.py`` writes the page again.
"""

# ruff: noqa: E501 - messages and files stand here as they are

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

PAGE = Path(__file__).parents[2] / "docs" / "errors.md"
BEGIN, END = "<!-- made by tests/scenario/gallery.py -->\n", "<!-- end -->\n"
_LONGEST = 400
"""Characters of a file that is shown."""

GALLERY: list[tuple[str | bytes, str]] = [
    (
        "batches: 1\ngeographies:\n  - {like: Faroe Isles, count: 2}\n",
        "scenarios/x.yaml:3:12: unknown geography 'Faroe Isles'\n    did you mean 'Faroe Islands'?",
    ),
    (
        "batches: 1\ngeographies:\n  - {name: Coast, like: Scotland, count: 3}\n",
        "scenarios/x.yaml:3:42: count: 3 geographies with one name\n    put {n} into the name: 'Coast {n}'",
    ),
    (
        "batches: 1\ngeographies:\n  - {name: Scotland, count: 3}\n",
        "scenarios/x.yaml:3:22: 'count' needs 'like'\n    count: 3 with like: Faroe Islands are three geographies like that one",
    ),
    (
        "batches: 1\ngeographies:\n  - {name: 'Coast {n}', code: COA, like: Scotland, count: 3}\n",
        "scenarios/x.yaml:3:31: code: 'COA' is one code for many geographies\n    put {n} into it: 'C{n}'",
    ),
    (
        "batches: 1\ngeographies:\n  - {name: Coast, like: Scotland, areas: []}\n",
        "scenarios/x.yaml:3:35: 'like' and 'areas' exclude each other\n    its places are those of the other one",
    ),
    (
        "batches: 1\ngeographies:\n  - {name: 'Coast {n}', like: Scotland, count: 2}\n  - {name: 'Cape {n}', like: Scotland, count: 2}\n",
        "scenarios/x.yaml:4:5: 'Cape 01' and 'Coast 01' share the code C01\n    declare another: {name: Cape 01, code: ...}",
    ),
    (
        "batches: 1\ngeographies:\n  - {name: 'Coast {n}', like: Scotland, count: 2, stagger: 3}\n",
        "scenarios/x.yaml:3:51: 'stagger' of one geography needs a number of its own\n    add batches, years or ages here, or move it to the top",
    ),
    (
        "batches: 1\ngeographies: [Faroe Island]\ncriteria:\n  - survivl\n  - rows: {max: x}\n",
        "scenarios/x.yaml:2:15: unknown geography 'Faroe Island'\n"
        "    did you mean 'Faroe Islands'? (one of your own needs stations and areas)\n"
        "scenarios/x.yaml:4:5: unknown criterion 'survivl'\n    did you mean 'survival'? (one of your own needs 'rows')\n"
        "scenarios/x.yaml:5:17: max: 'x' is not a bound\n    write a number, '83 %', '4.5 kg' or '3.5M'",
    ),
    (
        "",
        "scenarios/x.yaml:1:1: the file is empty\n    a scenario is a mapping of keys, e.g. batches: 1",
    ),
    (
        "# nothing\n",
        "scenarios/x.yaml:1:1: the file is empty\n    a scenario is a mapping of keys, e.g. batches: 1",
    ),
    (
        "- a\n",
        "scenarios/x.yaml:1:1: a list where a scenario's keys belong\n    e.g. batches: 1",
    ),
    (
        "a",
        "scenarios/x.yaml:1:1: one value where a scenario's keys belong\n    e.g. batches: 1",
    ),
    (
        b"seed: 1\nname: \xff\n",
        "scenarios/x.yaml:2:7: the byte 0xFF is not UTF-8\n    save the file as UTF-8",
    ),
    (
        "batches: 3\n\tstagger: 4\n",
        "scenarios/x.yaml:2:1: a tab\n    YAML is indented with spaces",
    ),
    (
        "a: [[\n",
        "scenarios/x.yaml:2:1: a value is missing here\n    close every bracket, brace and quote",
    ),
    (
        "a: 'x\n",
        "scenarios/x.yaml:2:1: a quote is not closed",
    ),
    (
        "a: b: c\n",
        "scenarios/x.yaml:1:5: a ':' is not allowed here\n    check the indentation, or put the value in quotes",
    ),
    (
        "a: *x\n",
        "scenarios/x.yaml:1:4: unknown alias '*x'",
    ),
    (
        "batches: 1\n---\nbatches: 2\n",
        "scenarios/x.yaml:2:1: a second document\n    one file holds one scenario: remove the '---'",
    ),
    (
        "\u0000",
        "scenarios/x.yaml:1:1: the character U+0000 is not allowed",
    ),
    (
        "[" * 3000,
        "scenarios/x.yaml:1:1: nested too deeply",
    ),
    (
        "? [a]\n: 1\n",
        "scenarios/x.yaml:1:1: how many batches? None of 'batches', 'years', 'ages' is given\n"
        "    e.g. batches: 1, or years: 4 years\n"
        "scenarios/x.yaml:1:3: a key that is not a word\n"
        "    put text with braces or brackets in quotes",
    ),
    (
        "a: &x [*x]\n",
        "scenarios/x.yaml:1:4: an alias to itself",
    ),
    (
        "batches: 3\nbatches: 4\nstager: 3\n",
        "scenarios/x.yaml:2:1: the key 'batches' is here twice\n"
        "    first on line 1\n"
        "scenarios/x.yaml:3:1: unknown key 'stager'\n"
        "    did you mean 'stagger'?",
    ),
    (
        "batches: !!python/object:os.system 3\n",
        "scenarios/x.yaml:1:10: unknown tag '!!python/object:os.system'\n    a scenario is plain data: leave the tag out",
    ),
    (
        "batches: 3\nstager: 4\neggs: 9X\nyears: 3\nstart: 2025-12-31\n",
        "scenarios/x.yaml:2:1: unknown key 'stager'\n"
        "    did you mean 'stagger'?\n"
        "scenarios/x.yaml:3:7: eggs: '9X' is not a number\n"
        "    write it like '3.5M' or '3.0M..3.78M'\n"
        "scenarios/x.yaml:4:1: 'batches' and 'years' exclude each other\n"
        "    one of batches, years, ages says how many batches there are\n"
        "scenarios/x.yaml:5:1: 'years' and 'start' exclude each other\n"
        "    years are counted back from as_of: the first batch starts there\n"
        "scenarios/x.yaml:5:8: start 2025-12-31 is not before as_of 2025-11-21\n"
        "    as_of is the day after the last events",
    ),
    (
        "description: no number\n",
        "scenarios/x.yaml:1:1: how many batches? None of 'batches', 'years', 'ages' is given\n    e.g. batches: 1, or years: 4 years",
    ),
    (
        "batches: 1\ngeographies:\n- Scotlnd\n- {name: Scotland, stager: 3, stagger: x}\n- Scotland\n",
        "scenarios/x.yaml:3:3: unknown geography 'Scotlnd'\n"
        "    did you mean 'Scotland'? (one of your own needs stations and areas)\n"
        "scenarios/x.yaml:4:20: unknown key 'stager'\n"
        "    did you mean 'stagger'?\n"
        "scenarios/x.yaml:4:31: 'stagger' of one geography needs a number of its own\n"
        "    add batches, years or ages here, or move it to the top\n"
        "scenarios/x.yaml:4:40: stagger: 'x' is not a number of days\n"
        "    write it like '13 days' or '2 weeks'\n"
        "scenarios/x.yaml:5:3: 'Scotland' is named twice",
    ),
    (
        "batches: 1\ncriteria:\n- surviv\n- survival:\n  min: 3\n- rows\n- rows\n",
        "scenarios/x.yaml:3:3: unknown criterion 'surviv'\n"
        "    did you mean 'survival'? (one of your own needs 'rows')\n"
        "scenarios/x.yaml:4:3: a criterion is a name or a name with bounds\n"
        "    indent the bounds further than the name\n"
        "scenarios/x.yaml:7:3: the criterion 'rows' is here twice\n"
        "    first on line 6",
    ),
    (
        "batches: 1\ncriteria:\n  surviv:\n  fcr: {min: 3, max: 2}\n  occupancy: {min: 65 %, warn_min: 60 %}\n  rows: {rows: select 1}\n  Mine: {rows: select 1}\n",
        "scenarios/x.yaml:3:3: unknown criterion 'surviv'\n"
        "    did you mean 'survival'? (one of your own needs 'rows')\n"
        "scenarios/x.yaml:4:14: min 3 is above max 2: nothing can pass\n"
        "scenarios/x.yaml:5:36: warn_min 0.6 is below min 0.65: it would never warn\n"
        "scenarios/x.yaml:6:10: 'rows' is a standard criterion and brings its own query\n"
        "    give yours another name\n"
        "scenarios/x.yaml:7:3: 'Mine' is not a name\n"
        "    lower-case letters, digits and _",
    ),
    (
        "batches: 1\ncriteria: {mine: {rows: delete from x}, survival: {rows: select 1}, fcr: {mn: 1}}\n",
        "scenarios/x.yaml:2:25: rows: 'delete from x' is not a query\n"
        "    it starts with SELECT or WITH and returns the rows that offend\n"
        "scenarios/x.yaml:2:52: 'survival' is a standard criterion and brings its own query\n"
        "    give yours another name\n"
        "scenarios/x.yaml:2:75: unknown key 'mn'\n"
        "    did you mean 'min'?",
    ),
    (
        "batches: 1\nreadings: {times: [06:00, 14:00, 8, '25:00']}\nfeeding: {times: [08:00, 08:00]}\nstreams: {reading: no, feeding: perhaps}\n",
        "scenarios/x.yaml:2:34: times: 8 is not a time of day\n"
        "    did you mean 08:00?\n"
        "scenarios/x.yaml:2:37: times: '25:00' is not a time of day\n"
        "    write it like 06:00\n"
        "scenarios/x.yaml:3:18: times: 08:00 is given twice\n"
        "scenarios/x.yaml:4:11: unknown key 'reading'\n"
        "    did you mean 'readings'?\n"
        "scenarios/x.yaml:4:33: feeding: 'perhaps' is not true or false",
    ),
    (
        "batches: 0\nseed: -1\nfallow: 3.5 days\nsaturation: 85\nprofile: guid\nplanning: worst\nstreams: 3\nname: Foo Bar\n",
        "scenarios/x.yaml:1:10: batches: 0 is less than 1\n"
        "scenarios/x.yaml:2:7: seed: -1 is less than 0\n"
        "scenarios/x.yaml:3:9: fallow: '3.5 days' is not a whole number of days\n"
        "    write it like '13 days' or '2 weeks'\n"
        "scenarios/x.yaml:4:13: saturation: 85 is not between 0 and 1\n"
        "    did you mean '85 %'?\n"
        "scenarios/x.yaml:5:10: profile: unknown profile 'guid'\n"
        "    did you mean 'guide'?\n"
        "scenarios/x.yaml:6:11: planning: 'worst' is not 'exact' or 'worst_case'\n"
        "scenarios/x.yaml:7:10: streams: 3 is not a mapping of keys\n"
        "scenarios/x.yaml:8:7: name: 'Foo Bar' is not allowed\n"
        "    lower-case letters, digits, - and _, a letter or digit first",
    ),
    (
        "batches: 1.5\nstagger:\nages: []\ntemperatures: {freshwater: [1, 2], sea: 40}\neggs: 3.78M..3.0M\nharvest_weight: 5\nas_of: 2025-13-01\n",
        "scenarios/x.yaml:1:10: batches: 1.5 is not a whole number\n"
        "scenarios/x.yaml:3:1: 'batches' and 'ages' exclude each other\n"
        "    one of batches, years, ages says how many batches there are\n"
        "scenarios/x.yaml:3:7: ages: is empty\n"
        "    leave it out, or give at least one\n"
        "scenarios/x.yaml:4:28: freshwater: 2 monthly means instead of 12\n"
        "    one number for the whole year, or twelve from January on\n"
        "scenarios/x.yaml:4:41: sea: 40 is not a water temperature\n"
        "    -2 to 30 °C\n"
        "scenarios/x.yaml:5:7: eggs: '3.78M..3.0M': the low end is above the high end\n"
        "    did you mean '3.0M..3.78M'?\n"
        "scenarios/x.yaml:6:17: harvest_weight: 5 has no unit\n"
        "    write it like '4.5..6.5 kg', '5 kg' or '4500 g'\n"
        "scenarios/x.yaml:7:8: as_of: '2025-13-01' is not a day of the calendar\n"
        "    write it like 2025-11-21 or today",
    ),
    (
        "batches: true\nseed: x\ndescription: [a]\ngeographies: Scotland\n",
        "scenarios/x.yaml:1:10: batches: true is not a number\n"
        "scenarios/x.yaml:2:7: seed: 'x' is not a whole number\n"
        "scenarios/x.yaml:3:14: description: a list is not text\n"
        "scenarios/x.yaml:4:14: geographies: 'Scotland' is not a list",
    ),
    (
        "batches: 1\ngeographies: [3, {batches: 1}, null]\n",
        "scenarios/x.yaml:2:15: geographies: 3 is not a mapping of keys\n"
        "scenarios/x.yaml:2:18: 'name' is missing\n"
        "scenarios/x.yaml:2:32: an entry of 'geographies' has no value",
    ),
    (
        "ages: [10, 10]\ncontainers_per_stage: 0\n",
        "scenarios/x.yaml:1:7: ages: the age 10 is given twice\nscenarios/x.yaml:2:23: containers_per_stage: 0 is less than 1",
    ),
    (
        "ages: [10, 20]\nstart: 2025-01-01\nstagger: 13\nyoungest: 3\n",
        "scenarios/x.yaml:2:1: 'ages' and 'start' exclude each other\n"
        "    ages place every batch in time by themselves\n"
        "scenarios/x.yaml:3:1: 'ages' and 'stagger' exclude each other\n"
        "    ages place every batch in time by themselves\n"
        "scenarios/x.yaml:4:1: 'ages' and 'youngest' exclude each other\n"
        "    ages place every batch in time by themselves",
    ),
    (
        "batches: 3\nstart: 2025-01-01\nyoungest: 20\n",
        "scenarios/x.yaml:3:1: 'start' and 'youngest' exclude each other\n    either places the batches in time",
    ),
    (
        "years: 3\nyoungest: 20\n",
        "scenarios/x.yaml:2:1: 'years' and 'youngest' exclude each other\n"
        "    years are counted back from as_of, and batches start until then",
    ),
    (
        "batches: 3\nstart: 2025-11-01\nstagger: 2 weeks\n",
        "scenarios/x.yaml:1:10: the last of 3 batches would start on 2025-11-29, not before as_of 2025-11-21\n    2 fit in that time",
    ),
    (
        "batches: 3\nas_of: 2024-01-01\nstart: 2024-01-01\n",
        "scenarios/x.yaml:3:8: start 2024-01-01 is not before as_of 2024-01-01\n    as_of is the day after the last events",
    ),
    (
        "batches: 3\ngeographies: [{name: Scotland, ages: [5], batches: 2}]\n",
        "scenarios/x.yaml:1:1: 'batches' is for geographies that take turns, and none does\n"
        "    each has a number of batches of its own\n"
        "scenarios/x.yaml:2:32: 'batches' and 'ages' exclude each other\n"
        "    one of batches, years, ages says how many batches there are",
    ),
    (
        "batches: 2\ngeographies: [{name: Scotland, code: FAR}, Faroe Islands]\n",
        "scenarios/x.yaml:2:44: 'Faroe Islands' and 'Scotland' share the code FAR\n    declare another: {name: Faroe Islands, code: ...}",
    ),
    (
        "batches: 2\ngeographies: [{name: Scotland, code: s}, {name: Faroe Islands, currency: EUR}]\n",
        "scenarios/x.yaml:2:38: code: 's' is not a code\n"
        "    2 to 8 capital letters or digits, a letter first: batches are named FAR-2025-001\n"
        "scenarios/x.yaml:2:64: 'currency' of 'Faroe Islands' comes from the world\n"
        "    only a geography of your own, with stations and areas, has it",
    ),
    (
        "batches: 2\ngeographies: [Test Geography, {name: Scotland, stations: []}]\n",
        "scenarios/x.yaml:2:15: 'Test Geography' can take no batch: no halls for Egg&Alevin\n"
        "scenarios/x.yaml:2:38: the world has 'Scotland' already\n"
        "    give yours another name, or leave out stations and areas",
    ),
    (
        "batches: 2\ngeographies:\n- {name: Skye, areas: [{name: S-SEA-01, latitude: 57, longitude: -6, rings: 4}], stations: [{name: SK, latitude: 57, longitude: -6, halls: [{letter: A, stage: Egg&Alevin, containers: 4}]}]}\n",
        "scenarios/x.yaml:3:10: 'Skye' can take no batch: no halls for Fry\n"
        "scenarios/x.yaml:3:31: there are two places named 'S-SEA-01'\n"
        "    every station and area has a name of its own",
    ),
    (
        "batches: 2\ngeographies:\n- {name: Skye, stations: [{name: SK, count: 2, latitude: 91, halls: [{letter: A, stage: Pary, containers: 4}, {letter: A, stage: Adult, containers: 4}]}]}\n",
        "scenarios/x.yaml:3:27: 'longitude' is missing\n"
        "scenarios/x.yaml:3:45: count: 2 places with one name\n"
        "    put {n} into the name: 'SK-{n}'\n"
        "scenarios/x.yaml:3:58: latitude: 91 is more than 90\n"
        "scenarios/x.yaml:3:89: stage: unknown stage 'Pary'\n"
        "    did you mean 'Parr'?\n"
        "scenarios/x.yaml:3:130: stage: a hall cannot hold Adult fish\n"
        "    they live in the rings of an area",
    ),
    (
        "extends: nope\n",
        "scenarios/x.yaml:1:10: extends: there is no scenario 'nope'\n    there are: ci, continental, guide-144, medium, official, production, smoke, uat",
    ),
    (
        "extends: x\n",
        "scenarios/x.yaml:1:10: extends: in a circle\n    scenarios/x.yaml -> scenarios/x.yaml",
    ),
    (
        "extends: [a]\n",
        "scenarios/x.yaml:1:10: extends: not a scenario\n    the name of one, or a path from this file",
    ),
    (
        "extends: smok\n",
        "scenarios/x.yaml:1:10: extends: there is no scenario 'smok'\n    did you mean 'smoke'?",
    ),
    (
        "extends: ../none.yaml\n",
        "scenarios/x.yaml:1:10: extends: there is no scenario '../none.yaml'",
    ),
]

OVERRIDES = [
    (
        "foo",
        "--aquadata-set foo: not a setting\n    write it like stagger=11, geographies.0.batches=3 or 'criteria.survival.min=80 %'",
    ),
    (
        "=3",
        "--aquadata-set =3: not a setting\n    write it like stagger=11, geographies.0.batches=3 or 'criteria.survival.min=80 %'",
    ),
    (
        "a..b=1",
        "--aquadata-set a..b=1: not a setting\n    write it like stagger=11, geographies.0.batches=3 or 'criteria.survival.min=80 %'",
    ),
    (
        "stagger=11 dais",
        "--aquadata-set stagger=11 dais: stagger: '11 dais' is not a number of days\n    write it like '13 days' or '2 weeks'",
    ),
    (
        "nonsense.x=1",
        "--aquadata-set nonsense.x=1: unknown key 'nonsense'\n"
        "    the keys are: name, description, seed, as_of, start, batches, years, ages, stagger, youngest, saturation, planning, fallow, eggs, harvest_weight, containers_per_stage, rings_per_batch, readings, feeding, growth_samples, health_samples, lice_counts, journal, projection, streams, profile, temperatures, geographies, aquadata, criteria, extends",
    ),
    (
        "years=2",
        "--aquadata-set years=2: 'batches' and 'years' exclude each other\n    'batches' is from scenarios/x.yaml:1; 'batches=' drops it",
    ),
    (
        "extends=ci",
        "--aquadata-set extends=ci: what a scenario extends is said in its file",
    ),
    (
        "geographies.7.batches=1",
        "--aquadata-set geographies.7.batches=1: 'geographies' has no entry '7'\n    its entries: 0 Faroe Islands, 1 Scotland",
    ),
    (
        "geographies.Skotland.batches=1",
        "--aquadata-set geographies.Skotland.batches=1: 'geographies' has no entry 'Skotland'\n"
        "    its entries: 0 Faroe Islands, 1 Scotland",
    ),
    (
        "seed.x=3",
        "--aquadata-set seed.x=3: seed: a mapping is not a whole number",
    ),
    (
        "batches.x=1",
        "--aquadata-set batches.x=1: 'batches' is one value and has no keys",
    ),
    (
        "eggs=[",
        "--aquadata-set eggs=[: a value is missing here\n    close every bracket, brace and quote",
    ),
    (
        "criteria.surviv.min=3",
        "--aquadata-set criteria.surviv.min=3: unknown criterion 'surviv'\n    did you mean 'survival'? (one of your own needs 'rows')",
    ),
    (
        "geographies.0.stagger=3",
        "--aquadata-set geographies.0.stagger=3: 'stagger' of one geography needs a number of its own\n"
        "    add batches, years or ages here, or move it to the top",
    ),
    (
        "description=a: b",
        "--aquadata-set description=a: b: description: a mapping is not text",
    ),
]


def page() -> str:
    """The errors in the order of their words: what is said, and of the first file that gives it the lines that do."""
    found: dict[str, tuple[str, str]] = {}
    for text, said in GALLERY:
        shown = text.decode("utf-8", "backslashreplace") if isinstance(text, bytes) else text
        if len(shown) <= _LONGEST and shown.strip() and shown.replace("\n", "").replace("\t", "").isprintable():
            for message, whole in _messages(said):
                found.setdefault(message, (whole, shown))
    for setting, said in OVERRIDES:
        for message, whole in _messages(said):
            found.setdefault(message, (whole, f"--aquadata-set '{setting}'"))
    return "\n".join(_entry(*found[message]) for message in sorted(found, key=_order))


def _messages(said: str) -> Iterator[tuple[str, str]]:
    """Each message without its place, and whole with its hint."""
    for match in re.finditer(
        r"^(?:scenarios/x\.yaml:\d+:\d+|--aquadata-set .*?): (?P<message>.*)(?P<hint>(?:\n    .*)*)", said, re.MULTILINE
    ):
        yield match["message"], match.group()


def _order(message: str) -> str:
    return re.sub(r"[^a-z0-9 ]", "", message.lower())


def _entry(whole: str, text: str) -> str:
    example = text.rstrip("\n").split("\n")
    return "\n".join(["```text", whole, "```", "", "as it is given by", "", *(f"    {line}" for line in example), ""])


def main() -> None:
    """Write the page again between its marks."""
    before, _, rest = PAGE.read_text(encoding="utf-8").partition(BEGIN)
    PAGE.write_text(before + BEGIN + "\n" + page() + "\n" + END + rest.partition(END)[2], encoding="utf-8")


if __name__ == "__main__":
    main()
