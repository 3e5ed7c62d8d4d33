"""What the whole package rests on: guards, numbers as text, and files written in one step."""
