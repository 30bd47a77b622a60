"""What ``--aquadata-init``, ``-explain``, ``-validate``, ``-doctor``, ``-repair`` and ``-wipe`` do: one answer each, without an item.

They print and return an exit code.
"""

from __future__ import annotations

import re
import shlex
import sys
import time
from datetime import date

import psycopg
import pytest
from psycopg.conninfo import make_conninfo

from pytest_aquadata import terminal
from pytest_aquadata.context import Farm
from pytest_aquadata.errors import AquadataError, EnvironmentFault
from pytest_aquadata.exitcodes import EXIT_ENVIRONMENT
from pytest_aquadata.farm import setup
from pytest_aquadata.farm.address import address
from pytest_aquadata.load import deferred, templates
from pytest_aquadata.load.repair import repair as put_in_order
from pytest_aquadata.load.run import connect
from pytest_aquadata.load.shown import shown
from pytest_aquadata.load.target import Target, open_as_it_is, open_built
from pytest_aquadata.making import make_farm
from pytest_aquadata.options import Options
from pytest_aquadata.scenario.explain import explained
from pytest_aquadata.scenario.load import SHIPPED, find_scenario, load_scenario, origins
from pytest_aquadata.scenario.template import template


def validate(config: pytest.Config, options: Options) -> int:
    """Check and plan a scenario and print the plan."""
    try:
        farm = make_farm(config, options)
    except AquadataError as error:
        return _refuse(error)
    print("\n".join([f"{farm.path}: valid", *terminal.farm_lines(farm)]))
    return int(pytest.ExitCode.OK)


def explain(config: pytest.Config, options: Options) -> int:
    """Print a scenario with every value that holds, and where it comes from."""
    try:
        path = find_scenario(options.scenario, config.rootpath)
        scenario = load_scenario(path, options.overrides, today=date.today(), root=config.rootpath)
        text = explained(scenario, origins(path, options.overrides, root=config.rootpath))
    except AquadataError as error:
        return _refuse(error)
    print(text, end="")
    return int(pytest.ExitCode.OK)


def init(config: pytest.Config, name: str) -> int:
    """Write a new scenario into the project's scenarios/, with the schema for editors beside it; nothing that is there is touched."""
    folder = config.rootpath / "scenarios"
    file, schema = folder / f"{name}.yaml", folder / "aquadata.schema.json"
    try:
        if not re.fullmatch("[a-z0-9][a-z0-9_-]{0,39}", name):
            raise AquadataError(f"--aquadata-init={name}: not a name\n    lower-case letters, digits, - and _, a letter or digit first")
        if (SHIPPED / file.name).exists() and not file.exists():
            raise AquadataError(f"--aquadata-init={name}: a scenario of this name comes with the package\n    give yours another name")
        folder.mkdir(exist_ok=True)
        with file.open("x", encoding="utf-8") as stream:
            stream.write(template(name, date.today()))
        if not schema.exists():
            schema.write_text((SHIPPED / schema.name).read_text(encoding="utf-8"), encoding="utf-8")
    except OSError as error:
        why = "is there already, and stays as it is" if file.exists() else f"cannot be written: {error.strerror}"
        return _refuse(AquadataError(f"--aquadata-init={name}: {file} {why}"))
    except AquadataError as error:
        return _refuse(error)
    print(f"{file}: written\nnext      pytest --aquadata={name} --collect-only")
    return int(pytest.ExitCode.OK)


def doctor(config: pytest.Config, options: Options) -> int:
    """Print what a build would do with each table of the application; writes nothing."""
    try:
        farm = make_farm(config, options)
        setup.configure_application()
        # models can be imported only now
        from django.conf import settings

        from pytest_aquadata import doctor as examine
        from pytest_aquadata.load.binding import bind

        url = options.database or address(settings.DATABASES["default"])
        with connect(url, "doctor") as conn:
            conn.execute("SET default_transaction_read_only = on")
            binding = bind(conn, farm.scenario)
            print(f"{farm.path} in {shown(url)}", *examine.lines(conn, binding, farm.plan), sep="\n")
        binding.refuse(farm.plan.all_tables)
        where = "" if "database" in options.typed else f" {shlex.quote(f'--aquadata-database={shown(url)}')}"
        print(f"next      {farm.command()}{where}")
    except AquadataError as error:
        print(error, file=sys.stderr)
        return int(pytest.ExitCode.TESTS_FAILED)
    except psycopg.Error as error:
        print(f"the database refused: {str(error).strip()}", file=sys.stderr)
        return int(pytest.ExitCode.TESTS_FAILED)
    return int(pytest.ExitCode.OK)


def drop_templates(config: pytest.Config) -> int:
    """Drop the templates and copies of farms for tests on a server: that of ``--aquadata-database``, else of the application's settings."""
    try:
        url: str | None = config.getoption("--aquadata-database")
        if not url:
            setup.configure_application()
            from django.conf import settings

            # a template can be dropped from any database but itself
            url = make_conninfo(address(settings.DATABASES["default"]), dbname="postgres")
        with connect(url, "templates") as conn:
            gone, left = templates.remove_all(conn)
    except AquadataError as error:
        return _refuse(error)
    print("dropped:" if gone else "there was none to drop", *gone, sep="\n    ")
    if left:
        print("in use, or another role's, and still there:", *left, sep="\n    ")
    return int(pytest.ExitCode.OK)


def repair(config: pytest.Config, options: Options) -> int:
    """Put the database of a scenario in order and say what came back."""
    if options.to:
        return _refuse(AquadataError("--aquadata-repair is for databases: a data set has no indexes and keys"))
    try:
        path = find_scenario(options.scenario, config.rootpath)
        scenario = load_scenario(path, options.overrides, today=date.today(), root=config.rootpath)
        target = open_as_it_is(options.database, options.home, scenario.name)
    except AquadataError as error:
        return _refuse(error)
    try:
        back = put_in_order(target)
    except (AquadataError, psycopg.Error) as error:
        print(str(error).strip(), file=sys.stderr)
        return int(pytest.ExitCode.TESTS_FAILED)
    finally:
        target.close()
    print(f"{len(back)} indexes and keys were aside and are back" if back else "no index and no key was aside")
    return int(pytest.ExitCode.OK)


def wipe(config: pytest.Config, options: Options) -> int:
    """Remove what the scenario built, or the batches that are named, and print what that was."""
    if options.to:
        return _refuse(AquadataError("--aquadata-wipe is for databases: a data set is removed like any folder"))
    if options.create or config.getoption("collectonly"):
        other = "--aquadata-create" if options.create else "--collect-only"
        return _refuse(AquadataError(f"--aquadata-wipe and {other} do not go together: give one of them"))
    if options.sample is not None:
        return _refuse(AquadataError("--aquadata-wipe and --aquadata-sample do not go together: name batches with --aquadata-batch"))
    started = time.monotonic()
    try:
        farm = make_farm(config, options)
        setup.refuse_application(config.pluginmanager.hasplugin("django"), options.database)
        target = open_built(options.database, options.home, farm.plan, farm.fingerprint, "database" in options.typed)
    except AquadataError as error:
        return _refuse(error)
    except psycopg.Error as error:
        return _refuse(EnvironmentFault(f"the database refused: {str(error).strip()}"))
    if target is None:
        print(f"nothing to remove: scenario '{farm.scenario.name}' has no database on the embedded server")
        return int(pytest.ExitCode.OK)
    try:
        return _wipe(farm, target, started)
    except KeyboardInterrupt:
        print("interrupted", file=sys.stderr)
        return int(pytest.ExitCode.INTERRUPTED)
    finally:
        target.close()


def _wipe(farm: Farm, target: Target, started: float) -> int:
    setup.configure(target.url)
    # models can be imported only now
    from pytest_aquadata.load.wipe import wipe as remove

    try:
        wiped = remove(target.claim, farm.plan, farm.fingerprint, farm.options.batches)
    except AquadataError as error:
        return _refuse(error)
    except psycopg.Error as error:
        return _refuse(EnvironmentFault(f"the database refused, and nothing was removed: {str(error).strip()}"))
    print("\n".join(terminal.wiped_lines(wiped, shown(target.url), time.monotonic() - started)))
    print(f"to build again  {farm.command()}")
    try:
        # what an interrupted build had set aside: a wiped database is in order
        deferred.restore(target.claim)
    except (AquadataError, psycopg.Error) as error:
        print(f"indexes and keys could not be restored: {str(error).strip()}", file=sys.stderr)
        return int(pytest.ExitCode.TESTS_FAILED)
    return int(pytest.ExitCode.OK)


def _refuse(error: AquadataError) -> int:
    print(error, file=sys.stderr)
    return EXIT_ENVIRONMENT if isinstance(error, EnvironmentFault) else int(pytest.ExitCode.USAGE_ERROR)
