from tortoise import migrations
from tortoise.migrations import operations as ops
from tortoise import fields

class Migration(migrations.Migration):
    dependencies = [('models', '0004_renewals')]

    initial = False

    operations = [
        ops.AddField(
            model_name='WatermarkRow',
            name='last_skew_ms',
            field=fields.BigIntField(null=True),
        ),
    ]
