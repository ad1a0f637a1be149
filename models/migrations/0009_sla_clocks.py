from tortoise import migrations
from tortoise.migrations import operations as ops
from models.coding import InstantField, dumps, loads
from tortoise.fields.base import OnDelete
from tortoise import fields
from tortoise.indexes import Index


# All that is there is looked at once.
_LOOK_AT_TICKETS = "INSERT INTO sla_subject (id, kind, look_at) SELECT id, 'TICKET', 0 FROM ticket"
_LOOK_AT_INCIDENTS = (
    "INSERT INTO sla_subject (id, kind, look_at) SELECT id, 'INCIDENT', 0 FROM incident"
)
_SCHEDULE = "INSERT INTO schedule (name, next_at) VALUES ('sla', 0)"


class Migration(migrations.Migration):
    dependencies = [('models', '0008_ticket_steps')]

    initial = False

    operations = [
        ops.CreateModel(
            name='ScheduleRow',
            fields=[
                ('name', fields.CharField(primary_key=True, unique=True, db_index=True, max_length=40)),
                ('next_at', InstantField(generated=False, null=False, unique=False)),
                ('rounds', fields.BigIntField(db_default=0)),
                ('took_ms', fields.BigIntField(null=True)),
                ('late_ms', fields.BigIntField(null=True)),
                ('walk_version', fields.CharField(null=True, max_length=64)),
                ('walk_after', fields.CharField(null=True, max_length=26)),
            ],
            options={'table': 'schedule', 'app': 'models', 'pk_attr': 'name', 'table_description': 'work that one process at a time does'},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='SlaSubjectRow',
            fields=[
                ('id', fields.CharField(primary_key=True, unique=True, db_index=True, max_length=26)),
                ('kind', fields.CharField(max_length=8)),
                ('look_at', fields.BigIntField(null=True)),
                ('is_at_rest', fields.BooleanField(db_default=False)),
                ('state', fields.CharField(null=True, max_length=6)),
                ('escalation_level', fields.IntField(db_default=0)),
            ],
            options={'table': 'sla_subject', 'app': 'models', 'indexes': [Index(fields=['look_at', 'id'])], 'pk_attr': 'id', 'table_description': 'what service levels measure'},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='AlertRow',
            fields=[
                ('id', fields.CharField(primary_key=True, unique=True, db_index=True, max_length=26)),
                ('key', fields.CharField(unique=True, max_length=200)),
                ('subject', fields.ForeignKeyField('models.SlaSubjectRow', source_field='subject_id', db_constraint=True, to_field='id', related_name='alerts', on_delete=OnDelete.CASCADE)),
                ('clock', fields.CharField(max_length=10)),
                ('cycle', fields.IntField()),
                ('target_ms', fields.BigIntField()),
                ('level', fields.CharField(max_length=10)),
                ('percent', fields.FloatField()),
                ('crossed_at', InstantField(generated=False, null=False, unique=False)),
                ('raised_at', InstantField(generated=False, null=False, unique=False)),
                ('escalation_level', fields.IntField()),
                ('is_suppressed', fields.BooleanField()),
                ('acknowledged_at', InstantField(null=True, generated=False, unique=False)),
                ('acknowledged_by', fields.CharField(null=True, max_length=200)),
                ('snoozed_until', InstantField(null=True, generated=False, unique=False)),
                ('snoozed_by', fields.CharField(null=True, max_length=200)),
            ],
            options={'table': 'alert', 'app': 'models', 'indexes': [Index(fields=['subject_id', 'raised_at']), Index(fields=['raised_at', 'id'])], 'pk_attr': 'id', 'table_description': 'thresholds that clocks have reached'},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='NotificationRow',
            fields=[
                ('id', fields.CharField(primary_key=True, unique=True, db_index=True, max_length=26)),
                ('alert', fields.ForeignKeyField('models.AlertRow', source_field='alert_id', db_constraint=True, to_field='id', related_name='notifications', on_delete=OnDelete.CASCADE)),
                ('channel', fields.CharField(max_length=64)),
                ('state', fields.CharField(max_length=12)),
                ('attempt', fields.IntField(db_default=0)),
                ('due_at', InstantField(null=True, generated=False, unique=False)),
                ('code', fields.CharField(null=True, max_length=24)),
                ('error', fields.TextField(null=True, unique=False)),
                ('tries', fields.JSONField(encoder=dumps, decoder=loads)),
                ('trace', fields.CharField(null=True, max_length=60)),
                ('queued_at', InstantField(generated=False, null=False, unique=False)),
                ('ended_at', InstantField(null=True, generated=False, unique=False)),
            ],
            options={'table': 'notification', 'app': 'models', 'unique_together': (('alert', 'channel'),), 'indexes': [Index(fields=['due_at', 'id'])], 'pk_attr': 'id', 'table_description': 'messages about alerts'},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='ChannelRow',
            fields=[
                ('name', fields.CharField(primary_key=True, unique=True, db_index=True, max_length=64)),
                ('free_at', InstantField(generated=False, null=False, unique=False)),
                ('fence', fields.BigIntField(db_default=0)),
            ],
            options={'table': 'channel', 'app': 'models', 'pk_attr': 'name', 'table_description': 'ways in which people are told'},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='SlaClockRow',
            fields=[
                ('id', fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ('subject', fields.ForeignKeyField('models.SlaSubjectRow', source_field='subject_id', db_constraint=True, to_field='id', related_name='clocks', on_delete=OnDelete.CASCADE)),
                ('kind', fields.CharField(max_length=10)),
                ('phase', fields.CharField(max_length=9)),
                ('cycle', fields.IntField()),
                ('target_ms', fields.BigIntField()),
                ('elapsed_ms', fields.BigIntField()),
                ('started_at', InstantField(generated=False, null=False, unique=False)),
                ('stopped_at', InstantField(null=True, generated=False, unique=False)),
                ('alert_at', InstantField(null=True, generated=False, unique=False)),
                ('breach_at', InstantField(null=True, generated=False, unique=False)),
                ('calendar', fields.CharField(max_length=80)),
                ('policy', fields.CharField(max_length=64)),
                ('rule', fields.CharField(max_length=64)),
                ('priority', fields.CharField(null=True, max_length=8)),
            ],
            options={'table': 'sla_clock', 'app': 'models', 'unique_together': (('subject', 'kind'),), 'indexes': [Index(fields=['breach_at']), Index(fields=['alert_at']), Index(fields=['stopped_at']), Index(fields=['phase', 'kind', 'breach_at', 'alert_at'])], 'pk_attr': 'id', 'table_description': 'clocks of service levels'},
            bases=['Model'],
        ),
        ops.RunSQL(_LOOK_AT_TICKETS),
        ops.RunSQL(_LOOK_AT_INCIDENTS),
        ops.RunSQL(_SCHEDULE),
    ]
