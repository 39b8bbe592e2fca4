"""The WSGI entry: `gunicorn wsgi:app`."""

from relay import create_app

app = create_app()
