"""The keys that close a circle: scenarios and transactions refer to batches, and batches to them."""

from __future__ import annotations

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("batch", "0002_workflows"),
        ("finance", "0001_initial"),
        ("scenario", "0001_initial"),
    ]

    operations = [
        migrations.AddField(
            model_name="batch",
            name="pinned_scenario",
            field=models.ForeignKey(
                blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name="pinned_batches", to="scenario.scenario"
            ),
        ),
        migrations.AddField(
            model_name="batchtransferworkflow",
            name="finance_transaction",
            field=models.ForeignKey(
                blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, to="finance.intercompanytransaction"
            ),
        ),
    ]
