"""Saturations of alarms lie within what raises one."""

from pytest_aquadata.verify.base import Verdict


class Saturations:
    name = "alarm_saturations"
    farm_wide = False

    def check(self, conn, plan, spec, built):
        query = "SELECT id, saturation_percent FROM alarms_oxygenalarm WHERE saturation_percent NOT BETWEEN 50 AND 70"
        rows = conn.execute(query).fetchall()
        state = "fail" if rows else "pass"
        return Verdict(state, "saturations of 50 to 70 %", f"{len(rows)} others", ("id", "saturation"), tuple(rows[:10]), len(rows), query)
