import sys

from psa_cli.cli import main

sys.exit(main())
