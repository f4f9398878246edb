"""A Django site in one file, with one view that computes."""

import sys

from django.conf import settings
from django.core.management import execute_from_command_line
from django.http import HttpResponse
from django.urls import path

settings.configure(DEBUG=True, ROOT_URLCONF=__name__, ALLOWED_HOSTS=["*"], SECRET_KEY="none")


def burn():
    return sum(step * step for step in range(300_000))


def cpu(request):
    return HttpResponse(str(burn()))


urlpatterns = [path("cpu", cpu)]

if __name__ == "__main__":
    execute_from_command_line(sys.argv)
