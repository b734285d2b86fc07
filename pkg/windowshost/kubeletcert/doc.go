// Package kubeletcert looks at the certificate that a kubelet serves with, for nothing but when it ends.
package kubeletcert
