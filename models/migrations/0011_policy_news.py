from tortoise import migrations
from tortoise.migrations import operations as ops
from tortoise.fields.base import OnDelete
from tortoise import fields
from tortoise.indexes import Index

# SQLite makes the table anew for another kind of column, and Tortoise leaves these behind.
_ONCE_EACH = (
    'CREATE UNIQUE INDEX IF NOT EXISTS "uid_notificatio_alert_i_165857" '
    'ON notification (alert_id, channel)'
)
_BY_DUE = (
    'CREATE INDEX IF NOT EXISTS "idx_notificatio_due_at_9ffae8" ON notification (due_at, id)'
)


class Migration(migrations.Migration):
    dependencies = [('models', '0010_compared_links')]

    initial = False

    operations = [
        ops.AlterModelOptions(
            name='NotificationRow',
            options={'table': 'notification', 'app': 'models', 'unique_together': (('alert', 'channel'),), 'indexes': [Index(fields=['due_at', 'id'])], 'pk_attr': 'id', 'table_description': 'messages to people'},
        ),
        ops.AlterField(
            model_name='NotificationRow',
            name='alert',
            field=fields.ForeignKeyField('models.AlertRow', source_field='alert_id', null=True, db_constraint=True, to_field='id', related_name='notifications', on_delete=OnDelete.CASCADE),
        ),
        ops.AddField(
            model_name='NotificationRow',
            name='policy_news',
            field=fields.TextField(null=True, unique=False),
        ),
        ops.RunSQL(_ONCE_EACH),
        ops.RunSQL(_BY_DUE),
    ]
