class CountsQueries:
    """For test cases: what a call costs."""

    def _count_queries(self, call):
        """Queries of ``call`` and of writing what it changed, where nothing has been read before."""
        self.env.flush_all()
        self.env.invalidate_all()
        before = self.env.cr.sql_log_count
        call()
        self.env.flush_all()
        return self.env.cr.sql_log_count - before
