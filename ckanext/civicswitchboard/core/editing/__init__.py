"""Editing a draft: each edit makes a new document, list of terms or vocabulary of one."""
