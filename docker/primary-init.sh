#!/bin/bash
# Run once by the image of PostgreSQL when the primary's cluster is new: a role that may only replicate.
set -euo pipefail

password=$(< /run/secrets/replication_password)
psql -v ON_ERROR_STOP=1 -v password="$password" --username "$POSTGRES_USER" --dbname "$POSTGRES_DB" <<'SQL'
CREATE ROLE replicator WITH REPLICATION LOGIN PASSWORD :'password';
SQL
echo "host replication replicator all scram-sha-256" >> "$PGDATA/pg_hba.conf"
