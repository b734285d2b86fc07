// Package imagefile keeps what is known of images in a file, for where no registry can or should be asked.
//
// The file is YAML or JSON. kubectl mullion images -o yaml writes one; a person can write one as well:
//
//	images:
//	- reference: mcr.microsoft.com/windows/nanoserver:ltsc2022
//	  digest: sha256:…        # optional
//	  index: true             # the reference names an index of images, not a single one
//	  platforms:
//	  - os: windows
//	    architecture: amd64
//	    osVersion: 10.0.20348.2700
//	- reference: example.com/team/app:1
//	  problem:
//	    reason: NotFound
//	    message: there is no such image
//
// An image is found by what its reference means rather than by how it is spelled: nginx is
// docker.io/library/nginx:latest, and name:tag@sha256:… is the image with the digest, whatever its tag.
package imagefile
