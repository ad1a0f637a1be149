"""What tells two contents of a record apart."""

from hashlib import blake2b

import orjson

from domain.inbound import InboundRecord


def fingerprint(record: InboundRecord) -> str:
    """Return a digest of all that a record tells, 24 hex digits.

    A vendor that keeps no counter may change a record twice within one stamp:
    then its version does not tell the two apart. Cost: about 5 µs.
    """
    content = orjson.dumps(
        (record.external_key, record.url, record.fields, record.relations, record.same_as),
        option=orjson.OPT_SORT_KEYS | orjson.OPT_NON_STR_KEYS,
    )
    return blake2b(content, digest_size=12).hexdigest()
