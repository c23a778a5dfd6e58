"""A task is in a phase of its own project: copies of projects were in the phases of the first."""


def migrate(cr, version):
    if version:
        cr.execute(
            """
            UPDATE project_task task SET psa_phase_id = NULL
              FROM psa_phase phase
             WHERE phase.id = task.psa_phase_id AND phase.project_id IS DISTINCT FROM task.project_id
            """
        )
