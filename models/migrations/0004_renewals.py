from tortoise import migrations
from tortoise.migrations import operations as ops
from models.coding import InstantField

class Migration(migrations.Migration):
    dependencies = [('models', '0003_search')]

    initial = False

    operations = [
        ops.AddField(
            model_name='IntegrationRow',
            name='renewing_until',
            field=InstantField(null=True, generated=False, unique=False),
        ),
    ]
