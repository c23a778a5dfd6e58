#!/bin/bash
# Entry of the read replica: copies the primary when its volume is empty, then starts as its standby.
set -euo pipefail

slot=psa_replica
passfile=/var/lib/postgresql/.pgpass
export PGPASSFILE=$passfile
printf '%s:5432:*:replicator:%s\n' "$PRIMARY_HOST" "$(< "$REPLICATION_PASSWORD_FILE")" > "$passfile"
chown postgres:postgres "$passfile"
chmod 600 "$passfile"

# a copy that was cut off has no mark and is made again
if [ ! -e "$PGDATA/.copied" ]; then
    mkdir -p "$PGDATA"
    find "$PGDATA" -mindepth 1 -delete
    chown postgres:postgres "$PGDATA"
    chmod 700 "$PGDATA"
    primary="host=$PRIMARY_HOST port=5432 user=replicator passfile=$passfile application_name=$slot"
    gosu postgres psql "$primary dbname=postgres" --quiet --tuples-only --command \
        "SELECT pg_create_physical_replication_slot('$slot')
          WHERE NOT EXISTS (SELECT FROM pg_replication_slots WHERE slot_name = '$slot')"
    gosu postgres pg_basebackup --dbname="$primary" --pgdata="$PGDATA" \
        --wal-method=stream --slot="$slot" --write-recovery-conf --checkpoint=fast --progress
    gosu postgres touch "$PGDATA/.copied"
fi
exec docker-entrypoint.sh "$@"
