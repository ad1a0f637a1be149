from tortoise import migrations
from tortoise.migrations import operations as ops
from models.coding import InstantField
from tortoise.fields.base import OnDelete
from tortoise import fields
from tortoise.indexes import Index

# Of a ticket that is mirrored already, only how it stands is known.
_AS_THEY_STAND = """
    INSERT INTO ticket_step (ticket_id, "at", status, priority, tier, content, "by")
    SELECT id, updated_at, status, priority, tier, '', '' FROM ticket
"""


class Migration(migrations.Migration):
    dependencies = [('models', '0007_sla_policy')]

    initial = False

    operations = [
        ops.CreateModel(
            name='TicketStepRow',
            fields=[
                ('id', fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ('ticket', fields.ForeignKeyField('models.TicketRow', source_field='ticket_id', db_constraint=True, to_field='id', related_name='steps', on_delete=OnDelete.CASCADE)),
                ('at', InstantField(generated=False, null=False, unique=False)),
                ('status', fields.CharField(max_length=16)),
                ('priority', fields.CharField(max_length=8)),
                ('tier', fields.CharField(max_length=80)),
                ('content', fields.TextField(db_default='', unique=False)),
                ('by', fields.CharField(max_length=300)),
            ],
            options={'table': 'ticket_step', 'app': 'models', 'unique_together': (('ticket', 'at'),), 'pk_attr': 'id', 'table_description': 'histories of tickets'},
            bases=['Model'],
        ),
        ops.AddField(
            model_name='TicketRow',
            name='incident_id',
            field=fields.CharField(null=True, max_length=26),
        ),
        ops.AddField(
            model_name='TicketRow',
            name='sent_as',
            field=fields.CharField(null=True, unique=True, max_length=100),
        ),
        ops.AddIndex(
            model_name='TicketRow',
            index=Index(fields=['incident_id']),
        ),
        ops.RunSQL(_AS_THEY_STAND),
    ]
