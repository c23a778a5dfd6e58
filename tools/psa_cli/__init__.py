"""The `./psa` command line. Standard library only: it runs before anything is installed."""
