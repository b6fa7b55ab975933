"""`flask` commands, one file per group."""

from flask import Flask


def register(app: Flask) -> None:
    """Add the commands. They are imported here, so that code using one of them does not load all the others."""
    from portal.cli.after_restore import after_restore_command
    from portal.cli.agencies import (
        create_agency_command,
        issue_payment_link_command,
        set_keys_command,
    )
    from portal.cli.backup import backup_command, restore_command
    from portal.cli.bank_debits import set_bank_debits_command
    from portal.cli.database import check_command, upgrade_command
    from portal.cli.fees import set_fees_command
    from portal.cli.import_programs import import_programs_command
    from portal.cli.init import init_command
    from portal.cli.load_demo import load_demo_command
    from portal.cli.logo import set_logo_command
    from portal.cli.personal_data import erase_insured_command, export_insured_command, retention_command
    from portal.cli.rotate_keys import rotate_keys_command
    from portal.cli.staff import add_staff_command, reset_second_factor_command
    from portal.cli.statements import statements_command
    from portal.cli.verify_audit import verify_audit_command
    from portal.cli.verify_ledger import verify_ledger_command
    from portal.cli.worker import worker_command

    commands = (
        init_command,
        upgrade_command,
        check_command,
        worker_command,
        backup_command,
        restore_command,
        after_restore_command,
        create_agency_command,
        set_keys_command,
        set_fees_command,
        set_bank_debits_command,
        set_logo_command,
        add_staff_command,
        reset_second_factor_command,
        issue_payment_link_command,
        import_programs_command,
        load_demo_command,
        statements_command,
        verify_ledger_command,
        verify_audit_command,
        rotate_keys_command,
        export_insured_command,
        erase_insured_command,
        retention_command,
    )
    for command in commands:
        app.cli.add_command(command)
