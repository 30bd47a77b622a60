"""All tables of app finance."""

from __future__ import annotations

import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("auth", "0012_alter_user_first_name_max_length"),
        ("batch", "0001_initial"),
        ("contenttypes", "0002_remove_content_type_name"),
        ("harvest", "0001_initial"),
        ("infrastructure", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="DimCompany",
            fields=[
                ("company_id", models.BigAutoField(primary_key=True, serialize=False)),
                ("geography", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to="infrastructure.geography")),
                (
                    "subsidiary",
                    models.CharField(
                        choices=[("BS", "Broodstock"), ("FW", "Freshwater"), ("FM", "Farming"), ("LG", "Logistics")], max_length=3
                    ),
                ),
                ("display_name", models.CharField(max_length=150)),
                ("currency", models.CharField(blank=True, max_length=3, null=True)),
                ("nav_company_code", models.CharField(blank=True, max_length=50, null=True)),
            ],
            options={
                "db_table": "finance_dimcompany",
                "constraints": [models.UniqueConstraint(fields=("geography", "subsidiary"), name="finance_dimcompany_uniq")],
            },
        ),
        migrations.CreateModel(
            name="DimSite",
            fields=[
                ("site_id", models.BigAutoField(primary_key=True, serialize=False)),
                ("company", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to="finance.dimcompany")),
                ("source_model", models.CharField(choices=[("station", "Station"), ("area", "Area")], max_length=16)),
                ("source_pk", models.PositiveIntegerField()),
                ("site_name", models.CharField(max_length=150)),
            ],
            options={
                "db_table": "finance_dimsite",
                "constraints": [models.UniqueConstraint(fields=("source_model", "source_pk"), name="finance_dimsite_uniq")],
            },
        ),
        migrations.CreateModel(
            name="FactHarvest",
            fields=[
                ("fact_id", models.BigAutoField(primary_key=True, serialize=False)),
                ("dim_company", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to="finance.dimcompany")),
                ("dim_site", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to="finance.dimsite")),
                ("event", models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, to="harvest.harvestevent")),
                ("lot", models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, to="harvest.harvestlot")),
                ("product_grade", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to="harvest.productgrade")),
                ("event_date", models.DateTimeField()),
                ("quantity_kg", models.DecimalField(decimal_places=3, max_digits=12)),
                ("unit_count", models.PositiveIntegerField()),
                ("dim_batch_id", models.PositiveIntegerField()),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("updated_at", models.DateTimeField(default=django.utils.timezone.now)),
            ],
            options={
                "db_table": "finance_factharvest",
                "indexes": [
                    models.Index(fields=["dim_company", "product_grade"], name="factharvest_company_grade_ix"),
                    models.Index(fields=["event_date"], name="factharvest_date_ix"),
                ],
            },
        ),
        migrations.CreateModel(
            name="IntercompanyPolicy",
            fields=[
                ("policy_id", models.BigAutoField(primary_key=True, serialize=False)),
                (
                    "from_company",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="policies_out", to="finance.dimcompany"),
                ),
                (
                    "product_grade",
                    models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, to="harvest.productgrade"),
                ),
                (
                    "to_company",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="policies_in", to="finance.dimcompany"),
                ),
                (
                    "lifecycle_stage",
                    models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, to="batch.lifecyclestage"),
                ),
                ("method", models.CharField(choices=[("standard", "Standard"), ("cost_plus", "Cost Plus")], max_length=20)),
                ("markup_percent", models.DecimalField(blank=True, decimal_places=3, max_digits=6, null=True)),
                (
                    "pricing_basis",
                    models.CharField(choices=[("grade", "Grade"), ("lifecycle", "Lifecycle")], default="grade", max_length=20),
                ),
                ("price_per_kg", models.DecimalField(blank=True, decimal_places=2, max_digits=10, null=True)),
                ("price_per_thousand_eggs", models.DecimalField(blank=True, decimal_places=2, max_digits=10, null=True)),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("updated_at", models.DateTimeField(default=django.utils.timezone.now)),
            ],
            options={
                "db_table": "finance_intercompanypolicy",
            },
        ),
        migrations.CreateModel(
            name="IntercompanyTransaction",
            fields=[
                ("tx_id", models.BigAutoField(primary_key=True, serialize=False)),
                (
                    "event",
                    models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, to="harvest.harvestevent"),
                ),
                ("policy", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to="finance.intercompanypolicy")),
                ("content_type", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to="contenttypes.contenttype")),
                (
                    "approved_by",
                    models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, to=settings.AUTH_USER_MODEL),
                ),
                ("posting_date", models.DateField()),
                ("amount", models.DecimalField(blank=True, decimal_places=2, max_digits=14, null=True)),
                ("currency", models.CharField(blank=True, max_length=3, null=True)),
                ("state", models.CharField(max_length=20)),
                ("object_id", models.PositiveIntegerField()),
                ("approval_date", models.DateTimeField(blank=True, null=True)),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("updated_at", models.DateTimeField(default=django.utils.timezone.now)),
            ],
            options={
                "db_table": "finance_intercompanytransaction",
                "indexes": [
                    models.Index(fields=["content_type", "object_id"], name="intercompany_ctype_object_ix"),
                    models.Index(fields=["posting_date"], name="intercompany_date_ix"),
                    models.Index(fields=["state", "posting_date"], name="intercompany_state_date_ix"),
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("content_type", "object_id", "policy"), name="finance_intercompanytransaction_uniq")
                ],
            },
        ),
    ]
