FROM python:3.11-slim-bookworm

ENV PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1

# What WeasyPrint lays text out with; the second makes letters render 3.5 times as fast.
RUN apt-get update \
    && apt-get install --yes --no-install-recommends libpangoft2-1.0-0 libharfbuzz-subset0 \
    && rm -rf /var/lib/apt/lists/*

WORKDIR /srv/kl_meetings

COPY requirements.txt .
RUN pip install --no-cache-dir --require-hashes --requirement requirements.txt

COPY . .
# The key is for this command alone, which needs one and signs nothing.
RUN SECRET_KEY=collecting-static-files-signs-nothing-at-all-0123456789 python manage.py collectstatic --no-input \
    && useradd --system --no-create-home kl \
    && install --directory --owner kl var

USER kl
VOLUME /srv/kl_meetings/var
EXPOSE 8000

CMD ["gunicorn", "kl_meetings.wsgi", "--bind", "0.0.0.0:8000", "--workers", "2", "--threads", "4", \
     "--max-requests", "1000", "--max-requests-jitter", "100", "--worker-tmp-dir", "/dev/shm", "--no-control-socket"]
