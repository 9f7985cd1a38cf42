"""The open task: Ada shares a record with Bob. A student's store is judged by who reads what."""
