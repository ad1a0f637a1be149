from tortoise import migrations
from tortoise.migrations import operations as ops
from models.coding import InstantField
from tortoise import fields

class Migration(migrations.Migration):
    dependencies = [('models', '0006_both_sides')]

    initial = False

    operations = [
        ops.CreateModel(
            name='SlaFileRow',
            fields=[
                ('id', fields.IntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ('version', fields.CharField(max_length=64)),
                ('in_force_since', InstantField(generated=False, null=False, unique=False)),
                ('path', fields.TextField(unique=False)),
                ('digest', fields.CharField(max_length=64)),
                ('loaded_at', InstantField(generated=False, null=False, unique=False)),
                ('loaded_by', fields.CharField(max_length=200)),
                ('error', fields.TextField(null=True, unique=False)),
                ('error_line', fields.IntField(null=True)),
                ('error_column', fields.IntField(null=True)),
                ('error_at', InstantField(null=True, generated=False, unique=False)),
                ('error_digest', fields.CharField(null=True, max_length=64)),
            ],
            options={'table': 'sla_file', 'app': 'models', 'pk_attr': 'id', 'table_description': 'which service levels are in force'},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='SlaPolicyRow',
            fields=[
                ('version', fields.CharField(primary_key=True, unique=True, db_index=True, max_length=64)),
                ('content', fields.TextField(unique=False)),
                ('loaded_at', InstantField(generated=False, null=False, unique=False)),
            ],
            options={'table': 'sla_policy', 'app': 'models', 'pk_attr': 'version', 'table_description': 'service levels by version'},
            bases=['Model'],
        ),
    ]
