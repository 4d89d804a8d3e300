from __future__ import annotations

from django.db import models


class Meeting(models.Model):
    slug = models.SlugField(unique=True)
    title = models.CharField(max_length=200)
    text = models.TextField()

    def __str__(self) -> str:
        return self.title


class Registration(models.Model):
    meeting = models.ForeignKey(Meeting, on_delete=models.PROTECT)
    contact_name = models.CharField(max_length=200)
    contact_email = models.EmailField()

    def __str__(self) -> str:
        return self.contact_name


class Participant(models.Model):
    registration = models.ForeignKey(Registration, on_delete=models.CASCADE)
    name = models.CharField(max_length=200)
    email = models.EmailField()

    def __str__(self) -> str:
        return self.name
