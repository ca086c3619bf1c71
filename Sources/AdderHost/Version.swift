/// The version that both programs report.
package let adderVersion = "0.1.0"
