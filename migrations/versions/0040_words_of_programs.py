"""programs and one-time payments are found by an index of words; invoice numbers are ordered by their letters

Revision ID: 0040
Revises: 0053
"""

import sqlalchemy as sa
from alembic import op

from migrations.own_agency import guard, unguard
from portal.programs.words import words_of

revision = '0040'
down_revision = '0053'
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), 'sqlite')
LETTERS = sa.String().with_variant(sa.String(collation='C'), 'postgresql')
PORTION = 5_000
PROGRAMS = """
    SELECT p.id, p.agency_id, p.name, p.reference, p.contact_email, p.insured_id, i.name AS insured_name
    FROM program p JOIN insured i ON i.agency_id = p.agency_id AND i.id = p.insured_id
    WHERE p.id > :after ORDER BY p.id LIMIT :portion
"""
ONE_TIMES = """
    SELECT v.id, v.agency_id, v.description AS name, v.number AS reference, v.contact_email, v.insured_id,
           i.name AS insured_name
    FROM invoice v JOIN insured i ON i.agency_id = v.agency_id AND i.id = v.insured_id
    WHERE v.program_id IS NULL AND v.id > :after ORDER BY v.id LIMIT :portion
"""
EMAILS = "SELECT insured_id AS of_id, email AS number FROM insured_email WHERE insured_id IN :ids"
POLICIES = "SELECT program_id AS of_id, policy_number AS number FROM policy WHERE program_id IN :ids"


def upgrade() -> None:
    for table, column, owner in (('program_word', 'program_id', 'program'), ('one_time_word', 'invoice_id', 'invoice')):
        op.create_table(table,
        sa.Column('word', LETTERS, nullable=False),
        sa.Column(column, BIG, nullable=False),
        sa.Column('agency_id', BIG, nullable=False),
        sa.Column('id', BIG, nullable=False),
        sa.ForeignKeyConstraint(['agency_id', column], [f'{owner}.agency_id', f'{owner}.id'], name=op.f(f'fk_{table}_agency_id_{column}'), ondelete='RESTRICT'),
        sa.ForeignKeyConstraint(['agency_id'], ['agency.id'], name=op.f(f'fk_{table}_agency_id'), ondelete='RESTRICT'),
        sa.PrimaryKeyConstraint('id', name=op.f(f'pk_{table}')),
        sa.UniqueConstraint('agency_id', 'id', name=op.f(f'uq_{table}_agency_id_id')),
        sa.UniqueConstraint('agency_id', 'word', column, name=op.f(f'uq_{table}_agency_id_word_{column}'))
        )
        op.create_index(f'ix_{table}_{owner}', table, ['agency_id', column, 'word'])
    if op.get_bind().dialect.name == 'postgresql':
        op.execute('ALTER TABLE invoice ALTER COLUMN number TYPE VARCHAR COLLATE "C"')
    fill('program_word', 'program_id', PROGRAMS, POLICIES)
    fill('one_time_word', 'invoice_id', ONE_TIMES, None)
    guard('program_word', 'one_time_word')


def downgrade() -> None:
    unguard('program_word', 'one_time_word')
    if op.get_bind().dialect.name == 'postgresql':
        op.execute('ALTER TABLE invoice ALTER COLUMN number TYPE VARCHAR COLLATE "default"')
    for table, owner in (('one_time_word', 'invoice'), ('program_word', 'program')):
        op.drop_index(f'ix_{table}_{owner}', table)
        op.drop_table(table)


def fill(table: str, column: str, query: str, policies: str | None) -> None:
    """The words of what is there already, a portion at a time."""
    connection, after = op.get_bind(), 0
    words = sa.table(table, sa.column('agency_id'), sa.column(column), sa.column('word'))
    while found := connection.execute(sa.text(query), {'after': after, 'portion': PORTION}).all():
        emails = numbers_of(EMAILS, [row.insured_id for row in found])
        own = numbers_of(policies, [row.id for row in found]) if policies else {}
        rows = [
            {'agency_id': row.agency_id, column: row.id, 'word': word}
            for row in found
            for word in words_of(
                (row.name, row.insured_name),
                (row.reference, row.contact_email or '', *emails.get(row.insured_id, ()), *own.get(row.id, ())),
            )
        ]
        if rows:
            connection.execute(sa.insert(words), rows)
        after = found[-1].id


def numbers_of(query: str, ids: list[int]) -> dict[int, list[str]]:
    """Numbers and addresses, by whose they are."""
    asked = sa.text(query).bindparams(sa.bindparam('ids', expanding=True))
    numbers: dict[int, list[str]] = {}
    for of_id, number in op.get_bind().execute(asked, {'ids': sorted(set(ids))}):
        numbers.setdefault(of_id, []).append(number)
    return numbers
