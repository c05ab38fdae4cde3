"""What a library of documents is: its records and its errors. Imports nothing else of factdesk."""
