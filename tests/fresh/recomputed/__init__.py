"""Golds of fresh items worked out again from the text of their questions, by another way than their templates'.

Each function takes a question and returns its answer; its name is the template's.
"""
