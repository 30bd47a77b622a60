"""All tables of app inventory."""

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
        ("infrastructure", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="Feed",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=100)),
                ("brand", models.CharField(max_length=100)),
                (
                    "size_category",
                    models.CharField(
                        choices=[("MICRO", "Micro"), ("SMALL", "Small"), ("MEDIUM", "Medium"), ("LARGE", "Large")], max_length=20
                    ),
                ),
                ("pellet_size_mm", models.DecimalField(blank=True, decimal_places=2, max_digits=5, null=True)),
                ("protein_percentage", models.DecimalField(blank=True, decimal_places=2, max_digits=5, null=True)),
                ("fat_percentage", models.DecimalField(blank=True, decimal_places=2, max_digits=5, null=True)),
                ("carbohydrate_percentage", models.DecimalField(blank=True, decimal_places=2, max_digits=5, null=True)),
                ("description", models.TextField(blank=True)),
                ("is_active", models.BooleanField(default=True)),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("updated_at", models.DateTimeField(default=django.utils.timezone.now)),
            ],
            options={
                "db_table": "inventory_feed",
            },
        ),
        migrations.CreateModel(
            name="FeedPurchase",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("feed", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to="inventory.feed")),
                ("purchase_date", models.DateField()),
                ("quantity_kg", models.DecimalField(decimal_places=2, max_digits=10)),
                ("cost_per_kg", models.DecimalField(decimal_places=2, max_digits=10)),
                ("supplier", models.CharField(max_length=100)),
                ("batch_number", models.CharField(max_length=100)),
                ("expiry_date", models.DateField(blank=True, null=True)),
                ("notes", models.TextField(blank=True)),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("updated_at", models.DateTimeField(default=django.utils.timezone.now)),
            ],
            options={
                "db_table": "inventory_feedpurchase",
            },
        ),
        migrations.CreateModel(
            name="FeedContainerStock",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("feed_container", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to="infrastructure.feedcontainer")),
                ("feed_purchase", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to="inventory.feedpurchase")),
                ("quantity_kg", models.DecimalField(decimal_places=2, max_digits=10)),
                ("entry_date", models.DateTimeField()),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("updated_at", models.DateTimeField(default=django.utils.timezone.now)),
            ],
            options={
                "db_table": "inventory_feedcontainerstock",
                "indexes": [models.Index(fields=["feed_container", "entry_date"], name="feedstock_container_entry_ix")],
            },
        ),
        migrations.CreateModel(
            name="FeedingEvent",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("batch", models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, to="batch.batch")),
                (
                    "batch_assignment",
                    models.ForeignKey(
                        blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, to="batch.batchcontainerassignment"
                    ),
                ),
                ("container", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to="infrastructure.container")),
                ("feed", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to="inventory.feed")),
                (
                    "recorded_by",
                    models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, to=settings.AUTH_USER_MODEL),
                ),
                ("feeding_date", models.DateField()),
                ("feeding_time", models.TimeField()),
                ("amount_kg", models.DecimalField(decimal_places=4, max_digits=10)),
                ("batch_biomass_kg", models.DecimalField(decimal_places=2, max_digits=10)),
                ("feeding_percentage", models.DecimalField(blank=True, decimal_places=6, max_digits=8, null=True)),
                (
                    "method",
                    models.CharField(choices=[("MANUAL", "Manual"), ("AUTOMATIC", "Automatic")], default="AUTOMATIC", max_length=20),
                ),
                ("notes", models.TextField(blank=True)),
                ("feed_cost", models.DecimalField(blank=True, decimal_places=2, max_digits=10, null=True)),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("updated_at", models.DateTimeField(default=django.utils.timezone.now)),
            ],
            options={
                "db_table": "inventory_feedingevent",
            },
        ),
    ]
