from tortoise import migrations
from tortoise.migrations import operations as ops
from models.coding import InstantField
from tortoise.fields.base import OnDelete
from tortoise import fields

class Migration(migrations.Migration):
    dependencies = [('models', '0011_policy_news')]

    initial = False

    operations = [
        ops.CreateModel(
            name='SlaFaultRow',
            fields=[
                ('subject', fields.OneToOneField('models.SlaSubjectRow', source_field='subject_id', primary_key=True, db_index=True, db_constraint=True, to_field='id', related_name='fault', on_delete=OnDelete.CASCADE)),
                ('error', fields.TextField(unique=False)),
                ('at', InstantField(generated=False, null=False, unique=False)),
            ],
            options={'table': 'sla_fault', 'app': 'models', 'pk_attr': 'subject_id', 'table_description': 'what service levels cannot measure'},
            bases=['Model'],
        ),
    ]
