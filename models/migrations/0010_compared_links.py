from tortoise import migrations
from tortoise.migrations import operations as ops
from models.coding import InstantField

class Migration(migrations.Migration):
    dependencies = [('models', '0009_sla_clocks')]

    initial = False

    operations = [
        ops.AddField(
            model_name='IncidentLinkRow',
            name='compared_at',
            field=InstantField(null=True, generated=False, unique=False),
        ),
    ]
