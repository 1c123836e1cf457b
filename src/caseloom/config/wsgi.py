"""What gunicorn serves: `caseloom.config.wsgi:application`."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "caseloom.config.settings")

application = get_wsgi_application()

# Django has to be set up before anything of ours is imported.
from caseloom.config.warming import warm_beside  # noqa: E402

warm_beside()
