from django.db import models


class OxygenAlarm(models.Model):
    batch = models.ForeignKey("batch.Batch", on_delete=models.CASCADE)
    assignment = models.ForeignKey("batch.BatchContainerAssignment", on_delete=models.CASCADE)
    day = models.DateField()
    saturation_percent = models.DecimalField(max_digits=5, decimal_places=2)
    level = models.CharField(max_length=10)
