FROM python:3.11-slim-bookworm

ENV PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1

# What WeasyPrint lays text out with, of which the second makes letters render 3.5 times as fast; and what backups
# are made with, which must be at least as new as the server (bookworm's is 15, as docker-compose.yml's).
RUN apt-get update \
    && apt-get install --yes --no-install-recommends libpangoft2-1.0-0 libharfbuzz-subset0 postgresql-client \
    && rm -rf /var/lib/apt/lists/*

WORKDIR /srv/kl_meetings

COPY requirements.txt .
RUN pip install --no-cache-dir --require-hashes --requirement requirements.txt

COPY . .
# The key is for this command alone, which needs one and signs nothing. The code stays root's: the site cannot
# change it.
RUN SECRET_KEY=collecting-static-files-signs-nothing-at-all-0123456789 python manage.py collectstatic --no-input \
    && groupadd --gid 10001 kl \
    && useradd --uid 10001 --gid kl --no-create-home kl \
    && install --directory --owner kl --group kl --mode 0750 var

USER 10001:10001
VOLUME /srv/kl_meetings/var
EXPOSE 8000

CMD ["gunicorn", "kl_meetings.wsgi"]
