from tortoise import fields, migrations
from tortoise.indexes import Index
from tortoise.migrations import operations as ops

# What is searched, by table: columns, and the text that they make.
_SEARCHED = {
    'incident': (('number', 'title'), "{r}number || ' ' || {left}({r}title, {first}1000)"),
    'change': (('number', 'title'), "{r}number || ' ' || {left}({r}title, {first}1000)"),
    'event': (('source', 'title'), "{r}source || ' ' || {left}({r}title, {first}1000)"),
    'ticket': (('source_id', 'title'), "{r}source_id || ' ' || {left}({r}title, {first}1000)"),
    'asset': (('name',), '{r}name'),
}
_PUNCTUATION = '!"#$%&\'()*+,-./:;<=>?@[\\]^_`{|}~'


def _on_postgres(table):
    _, text = _SEARCHED[table]
    text = text.format(r='', left='left', first='')
    quoted = _PUNCTUATION.replace("'", "''")
    words = f"translate({text}, '{quoted}', '{' ' * len(_PUNCTUATION)}')"
    yield f"CREATE INDEX idx_{table}_words ON {table} USING gin (to_tsvector('simple', {words}))"


def _on_sqlite(table):
    columns, text = _SEARCHED[table]
    new = text.format(r='new.', left='substr', first='1, ')
    row = text.format(r='r.', left='substr', first='1, ')
    key = f'(SELECT key FROM {table}_words_key WHERE record_id = new.id)'
    changed = ' OR '.join(f'old.{column} <> new.{column}' for column in columns)
    yield f'CREATE TABLE {table}_words_key (key INTEGER PRIMARY KEY, record_id VARCHAR(26) NOT NULL UNIQUE)'
    yield f"CREATE VIRTUAL TABLE {table}_words USING fts5 (words, tokenize = 'unicode61 remove_diacritics 0')"
    yield f"""
        CREATE TRIGGER {table}_words_added AFTER INSERT ON {table} BEGIN
            INSERT INTO {table}_words_key (record_id) VALUES (new.id);
            INSERT INTO {table}_words (rowid, words) VALUES ({key}, {new});
        END
    """
    yield f"""
        CREATE TRIGGER {table}_words_changed AFTER UPDATE ON {table} WHEN {changed} BEGIN
            UPDATE {table}_words SET words = {new} WHERE rowid = {key};
        END
    """
    yield f"""
        CREATE TRIGGER {table}_words_gone AFTER DELETE ON {table} BEGIN
            DELETE FROM {table}_words
            WHERE rowid = (SELECT key FROM {table}_words_key WHERE record_id = old.id);
            DELETE FROM {table}_words_key WHERE record_id = old.id;
        END
    """
    yield f'INSERT INTO {table}_words_key (record_id) SELECT id FROM {table}'
    yield f"""
        INSERT INTO {table}_words (rowid, words)
        SELECT k.key, {row} FROM {table} r JOIN {table}_words_key k ON k.record_id = r.id
    """


async def _index_words(apps, editor):
    # One statement a call: RunSQL would cut a trigger at its semicolons.
    made = _on_sqlite if editor.client.capabilities.dialect == 'sqlite' else _on_postgres
    for table in _SEARCHED:
        for statement in made(table):
            await editor.client.execute_query(statement)


class Migration(migrations.Migration):
    dependencies = [('models', '0002_all_kinds')]

    initial = False

    operations = [
        ops.AddIndex(
            model_name='ChangeRow',
            index=Index(fields=['status', 'updated_at', 'id']),
        ),
        ops.AddIndex(
            model_name='DirectoryRow',
            index=Index(fields=['integration_id', 'name', 'id']),
        ),
        ops.RunPython(_index_words),
    ]
