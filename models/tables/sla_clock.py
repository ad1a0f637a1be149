"""What service levels measure: subjects, their clocks, and when they are to be looked at."""

from tortoise import fields
from tortoise.indexes import Index
from tortoise.models import Model

from models.coding import InstantField, maybe_instant


class SlaSubjectRow(Model):
    """A ticket or an incident, and when its clocks are to be looked at next (rule S5).

    ``id`` is the record's. ``look_at`` is 0 when it has changed since the last look, and
    null when time alone changes nothing. ``is_at_rest``: its work is done, so that another
    policy changes nothing (rule S11). ``state`` is that of its worse clock at the last look,
    as it was told; null where nothing is measured.
    """

    id = fields.CharField(max_length=26, primary_key=True)
    kind = fields.CharField(max_length=8)
    look_at = fields.BigIntField(null=True)
    is_at_rest = fields.BooleanField(db_default=False)
    state = fields.CharField(max_length=6, null=True)
    escalation_level = fields.IntField(db_default=0)

    class Meta:
        """Storage."""

        table = "sla_subject"
        table_description = "what service levels measure"
        indexes = (Index(fields=("look_at", "id")),)


class SlaFaultRow(Model):
    """Why the last look at a subject failed; nothing of one that could be looked at."""

    subject: fields.OneToOneRelation[SlaSubjectRow] = fields.OneToOneField(
        "models.SlaSubjectRow", related_name="fault", on_delete=fields.CASCADE, primary_key=True
    )
    error = fields.TextField()
    at = InstantField()

    class Meta:
        """Storage."""

        table = "sla_fault"
        table_description = "what service levels cannot measure"


class SlaClockRow(Model):
    """One of a subject's clocks, as it was at the last look.

    ``alert_at`` and ``breach_at`` are when these levels were reached, or will be if the
    clock runs on; so its state at any instant is told without a look. ``policy`` is the
    version that it was measured by, ``rule`` the name of that in it which fits the subject,
    ``priority`` the subject's; ``elapsed_ms`` what it had used at the look.
    """

    id = fields.BigIntField(primary_key=True)
    subject: fields.ForeignKeyRelation[SlaSubjectRow] = fields.ForeignKeyField(
        "models.SlaSubjectRow", related_name="clocks", on_delete=fields.CASCADE
    )
    kind = fields.CharField(max_length=10)
    phase = fields.CharField(max_length=9)
    cycle = fields.IntField()
    target_ms = fields.BigIntField()
    elapsed_ms = fields.BigIntField()
    started_at = InstantField()
    stopped_at = maybe_instant()
    alert_at = maybe_instant()
    breach_at = maybe_instant()
    calendar = fields.CharField(max_length=80)
    policy = fields.CharField(max_length=64)
    rule = fields.CharField(max_length=64)
    priority = fields.CharField(max_length=8, null=True)

    class Meta:
        """Storage."""

        table = "sla_clock"
        table_description = "clocks of service levels"
        unique_together = (("subject", "kind"),)
        indexes = (
            Index(fields=("breach_at",)),
            Index(fields=("alert_at",)),
            Index(fields=("stopped_at",)),
            Index(fields=("phase", "kind", "breach_at", "alert_at")),
        )


class ScheduleRow(Model):
    """Work that one process at a time does, and when it is due again.

    Its lock is the right to do it. ``walk_version`` is the policy that subjects are
    being looked at anew for, ``walk_after`` the last of them that was; null when all were.
    ``took_ms`` and ``late_ms`` are of the last round.
    """

    name = fields.CharField(max_length=40, primary_key=True)
    next_at = InstantField()
    rounds = fields.BigIntField(db_default=0)
    took_ms = fields.BigIntField(null=True)
    late_ms = fields.BigIntField(null=True)
    walk_version = fields.CharField(max_length=64, null=True)
    walk_after = fields.CharField(max_length=26, null=True)

    class Meta:
        """Storage."""

        table = "schedule"
        table_description = "work that one process at a time does"
