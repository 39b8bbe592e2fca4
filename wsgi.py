"""The WSGI entry: `gunicorn wsgi:app`."""

from relay import create_app
from relay.cli.serve import refuse_demo_in_production

app = create_app()
refuse_demo_in_production(app)
