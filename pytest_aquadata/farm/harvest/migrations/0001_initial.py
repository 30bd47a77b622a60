"""All tables of app harvest."""

from __future__ import annotations

import django.db.models.deletion
import django.utils.timezone
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("batch", "0001_initial"),
        ("infrastructure", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="ProductGrade",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("code", models.CharField(max_length=50, unique=True)),
                ("name", models.CharField(max_length=100)),
                ("description", models.TextField(blank=True)),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("updated_at", models.DateTimeField(default=django.utils.timezone.now)),
            ],
            options={
                "db_table": "harvest_productgrade",
            },
        ),
        migrations.CreateModel(
            name="HarvestEvent",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("assignment", models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, to="batch.batchcontainerassignment")),
                ("batch", models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, to="batch.batch")),
                (
                    "dest_geography",
                    models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, to="infrastructure.geography"),
                ),
                ("event_date", models.DateTimeField()),
                (
                    "dest_subsidiary",
                    models.CharField(
                        blank=True,
                        choices=[("BS", "Broodstock"), ("FW", "Freshwater"), ("FM", "Farming"), ("LG", "Logistics")],
                        max_length=3,
                        null=True,
                    ),
                ),
                ("document_ref", models.CharField(blank=True, max_length=100)),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("updated_at", models.DateTimeField(default=django.utils.timezone.now)),
            ],
            options={
                "db_table": "harvest_harvestevent",
                "indexes": [
                    models.Index(fields=["dest_subsidiary"], name="harvestevent_subsidiary_ix"),
                    models.Index(fields=["event_date"], name="harvestevent_date_ix"),
                    models.Index(fields=["event_date", "batch"], name="harvestevent_date_batch_ix"),
                ],
            },
        ),
        migrations.CreateModel(
            name="HarvestLot",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("event", models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, to="harvest.harvestevent")),
                ("product_grade", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to="harvest.productgrade")),
                ("live_weight_kg", models.DecimalField(decimal_places=3, max_digits=12)),
                ("gutted_weight_kg", models.DecimalField(blank=True, decimal_places=3, max_digits=12, null=True)),
                ("fillet_weight_kg", models.DecimalField(blank=True, decimal_places=3, max_digits=12, null=True)),
                ("unit_count", models.PositiveIntegerField()),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("updated_at", models.DateTimeField(default=django.utils.timezone.now)),
            ],
            options={
                "db_table": "harvest_harvestlot",
            },
        ),
    ]
