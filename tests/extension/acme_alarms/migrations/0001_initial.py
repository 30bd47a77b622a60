import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True
    dependencies = [("batch", "0001_initial")]
    operations = [
        migrations.CreateModel(
            name="OxygenAlarm",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("day", models.DateField()),
                ("saturation_percent", models.DecimalField(decimal_places=2, max_digits=5)),
                ("level", models.CharField(max_length=10)),
                ("batch", models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, to="batch.batch")),
                (
                    "assignment",
                    models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, to="batch.batchcontainerassignment"),
                ),
            ],
        ),
    ]
